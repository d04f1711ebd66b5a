"""What makes two requests the same one, by which a retry is told.

It only ever grows by what is left out where it was not asked for: so a retry is told, too, that an
earlier version has answered.
"""

import json
import unicodedata

from invctl.models.attempts import Label
from invctl.values import known_sku, spelled


def request_of(
    kind: str,
    sku: str,
    units: int,
    label: Label,
    *,
    up_to: bool = False,
    expect: int | None = None,
) -> dict[str, object]:
    """Return what makes two changes of one product's stock the same request."""
    request: dict[str, object] = {"sku": sku, **label._asdict()}
    # `expect` and `up_to` also where nobody asked, as version 1 had them: its keys hold (§6).
    if kind == "set":
        return {**request, "quantity": units, "expect": expect}
    if kind == "remove":
        return {**request, "amount": units, "up_to": up_to}
    return {**request, "amount": units}


def asked_besides(**options: object) -> dict[str, object]:
    """Return what a request says beyond version 1, where it says it."""
    return {name: value for name, value in options.items() if value is not None}


def asked_of(end: str, spot: tuple[str | None, str | None, str | None] | None) -> dict[str, object]:
    """Return what a request says of a `Spot`, such as `from` which its units come."""
    if spot is None:
        return {}
    place, lot, expires_on = spot
    return asked_besides(**{end: place, f"{end}_lot": lot, "expires": expires_on})


def as_asked(label: Label, checked: Label) -> Label:
    """Return what a retry repeats of a label: its texts as stored, and its time as typed."""
    return checked._replace(at=label.at)


def request_hash(kind: str, request: object, rule: str) -> str:
    """Return the fingerprint of a request: SHA-256 of its JSON.

    A SKU that it names is taken for the one that it means under the inventory's rule, and its
    texts as they are stored, in NFC; a value that hangs on the rule is asked for under that.
    """
    from hashlib import sha256

    if isinstance(request, dict):
        request = {name: one(rule) if callable(one) else one for name, one in request.items()}
    if isinstance(request, dict) and "sku" in request:
        request = {**request, "sku": _meant(str(request["sku"]), rule)}
    if isinstance(request, dict) and "skus" in request:
        request = {**request, "skus": [_meant(str(sku), rule) for sku in request["skus"]]}
    text = json.dumps([kind, request], sort_keys=True)
    # JSON is ASCII: where it has no escape there is nothing that NFC would write otherwise.
    if "\\u" in text:
        text = json.dumps(_composed(json.loads(text)), sort_keys=True)
    return sha256(text.encode()).hexdigest()


def _composed(value: object) -> object:
    """Return what was read of JSON with each of its texts in NFC."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_composed(one) for one in value]
    if isinstance(value, dict):
        return {name: _composed(one) for name, one in value.items()}
    return value


def _meant(sku: str, rule: str) -> str:
    """Return the SKU that a typed one means."""
    return spelled(known_sku(sku) or sku, rule)
