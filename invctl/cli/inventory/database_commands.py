"""The commands of `invctl db`, and what their pages tell."""

from invctl.cli.inventory import database
from invctl.cli.options import MUTATION
from invctl.cli.spec import Spec
from invctl.models import Finding, InventoryInfo

COMMANDS = {
    "info": Spec(
        database.info,
        ("invctl db info", "invctl db info --json"),
        fields=InventoryInfo._fields,
    ),
    "path": Spec(
        database.path,
        ("invctl db path", 'sqlite3 -readonly "$(invctl db path)" .tables'),
    ),
    "check": Spec(
        database.check,
        ("invctl db check", "invctl db check --repair --dry-run"),
        MUTATION,
        exits={8: "something is wrong, whether it was repaired or not"},
        fields=Finding._fields,
    ),
    "backup": Spec(
        database.backup,
        ("invctl db backup inventory-2026-01-31.db", "invctl db backup - | gzip > inventory.db.gz"),
        exits={4: "there is a file of that name"},
        fields=InventoryInfo._fields,
    ),
    "restore": Spec(
        database.restore,
        (
            "invctl db restore inventory-2026-01-31.db --dry-run --yes",
            "invctl db restore inventory-2026-01-31.db --yes",
        ),
        MUTATION,
        exits={
            7: "it was not confirmed: --yes does that without a question",
            12: "the backup is none, or damaged; nothing was changed",
        },
        fields=InventoryInfo._fields,
    ),
    "migrate": Spec(
        database.migrate,
        ("invctl db migrate --dry-run", "invctl db migrate"),
        MUTATION,
        exits={12: "a newer invctl made it"},
        fields=InventoryInfo._fields,
    ),
    "copy": Spec(
        database.copy,
        (
            "invctl db copy elsewhere.db",
            "invctl db copy postgresql://shop@db.example.org/shop",
        ),
        MUTATION,
        exits={4: "there is something at TARGET already"},
        fields=InventoryInfo._fields,
    ),
}
