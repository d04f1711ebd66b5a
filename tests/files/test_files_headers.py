"""Which column is which: names as people write them, and what may never be passed over."""

from collections.abc import Mapping
from io import BytesIO

import pytest

from invctl.errors import InvalidData
from invctl.files.columns import _one_off
from invctl.files.options import FileOptions, parse_options
from invctl.files.reading import read_rows
from invctl.files.rows import RowSource
from invctl.files.synonyms import SYNONYMS
from invctl.models.fields import (
    CODE_COLUMNS,
    COUNT_COLUMNS,
    KEYED_MOVEMENT_COLUMNS,
    MOVEMENT_COLUMNS,
    PRODUCT_COLUMNS,
    PRODUCT_RECORD,
    PROMISE_COLUMNS,
)
from invctl.models.rows import BadRow

IGNORING = FileOptions(ignore_extra=True)


def source(
    text: str, options: FileOptions | None = None, kinds: Mapping[str, str] = PRODUCT_COLUMNS
) -> RowSource:
    return read_rows(
        BytesIO(text.encode()),
        kinds,
        options or FileOptions(),
        own=PRODUCT_RECORD,
    )


def first_row(
    text: str, options: FileOptions | None = None, kinds: Mapping[str, str] = PRODUCT_COLUMNS
) -> dict[str, str]:
    """Return the cells of the first row that say something, by field."""
    row = next(iter(source(text, options, kinds=kinds)))
    assert not isinstance(row, BadRow), row
    return {f: cell for f, cell in zip(kinds, row[1], strict=True) if cell}


def refusal(
    text: str, options: FileOptions | None = None, kinds: Mapping[str, str] = PRODUCT_COLUMNS
) -> InvalidData:
    with pytest.raises(InvalidData) as caught:
        source(text, options, kinds=kinds)
    return caught.value


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["reorder_point", "Reorder Point", "REORDER-POINT", " reorderpoint ", "Reorder_Point"],
    )
    def test_case_blanks_and_dashes_do_not_matter(self, name: str) -> None:
        found = source(f"SKU,{name}\nA,3\n")
        assert found.columns == ("sku", "reorder_point")
        assert found.seen.read_as == {}

    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("Qty", "quantity"),
            ("On hand", "quantity"),
            ("QOH", "quantity"),
            ("STOCK", "quantity"),
            ("Count", "quantity"),
            ("Variant Inventory Qty", "quantity"),
            ("Title", "name"),
            ("Item", "name"),
            ("Product Name", "name"),
            ("Desc", "description"),
            ("Reorder level", "reorder_point"),
            ("Min", "reorder_point"),
            ("minStockLevel", "reorder_point"),
            ("min_stock_amount", "reorder_point"),
            ("Max", "reorder_to"),
        ],
    )
    def test_a_synonym_is_read_and_told(self, name: str, field: str) -> None:
        found = source(f"sku,{name}\nA,3\n")
        assert found.columns == ("sku", field)
        assert found.seen.read_as == {name: field}

    @pytest.mark.parametrize("name", ["Variant SKU", "Item Code", "product_code", "Part No", "IPN"])
    def test_a_sku_has_other_names_too(self, name: str) -> None:
        assert first_row(f"{name},name\nA,x\n") == {"sku": "A", "name": "x"}

    @pytest.mark.parametrize(
        "name",
        [
            *("Barcode", "EAN", "Code", "Reorder quantity", "Price", "Available", "No."),
            *("Location", "Bin"),
        ],
    )
    def test_what_may_be_something_else_is_no_synonym(self, name: str) -> None:
        assert [one.column for one in refusal(f"sku,name,{name}\nA,x,1\n").lines] == [name]

    @pytest.mark.parametrize("name", ["Qty", "Quantity", "Count", "Stock"])
    def test_the_quantity_of_a_sale_is_no_signed_delta(self, name: str) -> None:
        error = refusal(f"sku,{name}\nA,3\n", kinds=MOVEMENT_COLUMNS)
        assert f"--map amount={name} --defaults 'action=…' (the action is add, rem" in error.hint

    def test_what_is_meant_depends_on_the_file(self) -> None:
        kinds = {"sku": "text", "counted": "integer", "note": "text"}
        text = "SKU,Count,Remarks\nA,3,x\n"
        assert first_row(text, kinds=kinds) == {"sku": "A", "counted": "3", "note": "x"}

    def test_a_name_beats_a_synonym_which_is_nobody_s_then(self) -> None:
        text = "sku,qty,Quantity\nA,9,3\n"
        (error,) = refusal(text).lines
        assert (error.column, error.message[:30]) == ("qty", "means quantity, as 'Quantity' ")
        assert first_row(text, IGNORING) == {"sku": "A", "quantity": "3"}
        mapped = parse_options(PRODUCT_COLUMNS, mapping=["quantity=qty"])
        assert first_row(text, mapped) == {"sku": "A", "quantity": "9"}

    def test_what_means_a_field_that_has_a_column_is_not_told_among_those_that_mean_none(
        self,
    ) -> None:
        error = refusal("sku,qty,Quantity,Price\nA,9,3,5\n")
        assert error.summary == ""
        assert [one.message[:8] for one in error.lines] == ["means qu", "is not a"]

    @pytest.mark.parametrize("names", ["quantity,Quantity", "Qty,Stock", "qty,QTY"])
    @pytest.mark.parametrize("options", [FileOptions(), IGNORING])
    def test_two_columns_of_one_field_are_an_error(self, names: str, options: FileOptions) -> None:
        (error,) = refusal(f"sku,{names}\nA,3,4\n", options).lines
        assert "2 columns are quantity: " in error.message
        assert "--map 'quantity=…'" in error.message

    def test_the_one_that_is_mapped_is_meant(self) -> None:
        options = parse_options(PRODUCT_COLUMNS, mapping=["quantity=Stock"], ignore_extra=True)
        assert first_row("sku,Qty,Stock\nA,3,4\n", options) == {"sku": "A", "quantity": "4"}

    def test_a_name_of_two_fields_is_an_error(self) -> None:
        kinds = {"sku": "text", "quantity": "integer", "counted": "integer"}
        (error,) = refusal("sku,Count\nA,3\n", kinds=kinds).lines
        assert "'Count' may be quantity or counted" in error.message

    def test_a_field_that_is_left_out_takes_its_synonyms_along(self) -> None:
        options = parse_options(PRODUCT_COLUMNS, mapping=["description="])
        assert first_row("sku,Desc\nA,x\n", options) == {"sku": "A"}

    def test_no_synonym_is_a_column_s_own_name(self) -> None:
        known = {*PRODUCT_COLUMNS, *KEYED_MOVEMENT_COLUMNS}
        assert known.isdisjoint(name for names in SYNONYMS.values() for name in names)

    @pytest.mark.parametrize(
        "text", ["sku,,name\nA,1,x\n", ",sku,name\n0,A,x\n", "sku,name,,\nA,x\n"]
    )
    def test_a_column_without_a_name_is_none(self, text: str) -> None:
        assert first_row(text) == {"sku": "A", "name": "x"}

    @pytest.mark.parametrize("text", ["name,Qty\nA,3\n", '"name";"qty"\nA;3\n'])
    def test_a_file_without_a_sku_is_refused_once(self, text: str) -> None:
        error = refusal(text)
        assert [(one.column, one.message) for one in error.lines] == [("sku", "no column is sku")]
        assert "--map 'sku=…'" in error.hint


class TestUnknownColumns:
    def test_one_sentence_names_them_all_and_one_hint_reads_the_file(self) -> None:
        error = refusal("SKU,Name,Qty,Reorder,Price,Location\nA,x,1,2,3,4\n")
        assert error.message == "line 1: 'Price', 'Location' are not known columns"
        assert [(one.line, one.column) for one in error.lines] == [(1, "Price"), (1, "Location")]
        assert error.hint.startswith("to read it so, add --ignore-extra (known columns are sku, ")

    def test_the_names_of_a_hundred_are_not_all_listed(self) -> None:
        error = refusal(",".join(["sku", *(f"x{n}" for n in range(250))]))
        assert len(error.message) < 200
        assert "'x11' and 238 more are not known" in error.message
        assert (len(error.lines), error.count) == (100, 250)

    @pytest.mark.parametrize(
        ("header", "added"),
        [
            ("sku,name,Quantiy", "--map quantity=Quantiy"),
            ("sku,title,nam", "--map name=title --ignore-extra"),
            ("Barcode,Title,Qty", "--map sku=Barcode"),
            ("Item #,Title,Qty", "--map 'sku=Item #'"),
            ("Own Barcode,Opening Qty", "--map 'sku=Own Barcode,quantity=Opening Qty'"),
            ('"Own, code",name', "--map '\"sku=Own, code\"'"),
            ("sku,Produkt-Name,Farbe", "--map name=Produkt-Name --ignore-extra"),
            (
                "SKU,Name,Stock Alert,Quantity sold,Current Quantity Main Shop",
                "--map 'quantity=Current Quantity Main Shop' --ignore-extra",
            ),
            ("sku,name,On hand (current)", "--map 'quantity=On hand (current)'"),
        ],
    )
    def test_the_options_that_are_proposed_can_be_pasted(self, header: str, added: str) -> None:
        assert f"add {added} " in refusal(f"{header}\n").hint

    @pytest.mark.parametrize(
        ("kinds", "header", "added"),
        [
            (MOVEMENT_COLUMNS, "sku,Sold", "--map amount=Sold --defaults action=remove"),
            (
                MOVEMENT_COLUMNS,
                "sku,Quantity sold",
                "--map 'amount=Quantity sold' --defaults action=remove",
            ),
            (MOVEMENT_COLUMNS, "sku,Received", "--map amount=Received --defaults action=add"),
            (MOVEMENT_COLUMNS, "sku,Sold,delta", "--ignore-extra"),
            (MOVEMENT_COLUMNS, "sku,action,Colour,Sold", "--map 'amount=…' --ignore-extra"),
            (COUNT_COLUMNS, "sku,Shelf A", "--map 'counted=Shelf A'"),
            (PROMISE_COLUMNS, "sku,Wanted", "--map amount=Wanted"),
        ],
    )
    def test_what_a_file_cannot_do_without_is_not_proposed_to_be_passed_over(
        self, kinds: dict[str, str], header: str, added: str
    ) -> None:
        assert f"add {added} (" in refusal(f"{header}\n", kinds=kinds).hint

    @pytest.mark.parametrize(
        ("header", "kinds", "said"),
        [
            ("SKU,Name,Menge", PRODUCT_COLUMNS, True),
            ("SKU,Name,Menge,Qty", PRODUCT_COLUMNS, False),
            ("SKU,Delta,Menge", MOVEMENT_COLUMNS, False),
        ],
    )
    def test_that_no_quantity_would_be_read_is_said(
        self, header: str, kinds: dict[str, str], said: bool
    ) -> None:
        hint = refusal(f"{header}\n", kinds=kinds).hint
        assert ("to read it so, without a quantity, add" in hint) is said

    @pytest.mark.parametrize(
        ("mapping", "said"),
        [
            ("sku=Cod", "did you mean 'Code'?"),
            ("sku=Code name=Titel", "pairs are parted by commas"),
        ],
    )
    def test_to_a_column_that_is_not_there_the_answer_is_those_that_are(
        self, mapping: str, said: str
    ) -> None:
        options = parse_options(PRODUCT_COLUMNS, mapping=[mapping])
        error = refusal("Code;Titel;Farbe\n", options)
        assert error.lines[0].message.endswith(said)
        assert error.hint == "its columns are 'Code', 'Titel', 'Farbe'"

    @pytest.mark.parametrize(
        ("header", "kinds", "added"),
        [
            ("Article No;Title;On Hand;Colour", PRODUCT_COLUMNS, "--map 'sku=Article No'"),
            ("SKU;Shelf A", COUNT_COLUMNS, "--map 'counted=Shelf A'"),
        ],
    )
    def test_a_column_that_is_needed_is_looked_for_among_those_to_be_ignored(
        self, header: str, kinds: dict[str, str], added: str
    ) -> None:
        assert f"add {added} (" in refusal(f"{header}\n", IGNORING, kinds).hint

    def test_what_was_said_already_is_not_proposed_again(self) -> None:
        options = parse_options(PRODUCT_COLUMNS, mapping=["sku=Code"], defaults=["quantity=0"])
        assert "add --ignore-extra (" in refusal("Code,Opening Qty\n", options).hint


class TestWhatIsNeverPassedOver:
    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("Quantiy", "quantity"),
            ("Quantityy", "quantity"),
            ("Quantitz", "quantity"),
            ("Qauntity", "quantity"),
            ("re-order pont", "reorder_point"),
            ("Nmae", "name"),
            ("Titel", "name"),
            ("Skus", "sku"),
        ],
    )
    def test_a_near_miss_of_a_known_column(self, name: str, field: str) -> None:
        key = "sku" if field != "sku" else "Variant SKU"
        (error,) = refusal(f"{key},{name}\nA,3\n", IGNORING).lines
        assert error.message.startswith(f"is a letter away from {field}: --map '{field}={name}'")

    def test_the_hint_for_one_beside_its_column_reads_the_file(self) -> None:
        text = "sku,Title,nam\nA,x,y\n"
        error = refusal(text, IGNORING)
        assert "and --map 'name=Title' passes over it" in error.message
        assert "add --map name=Title (" in error.hint
        options = parse_options(PRODUCT_COLUMNS, mapping=["name=Title"], ignore_extra=True)
        assert first_row(text, options) == {"sku": "A", "name": "x"}

    @pytest.mark.parametrize("said", ["{field}={name}", "{field}="])
    def test_unless_it_is_said_what_it_is(self, said: str) -> None:
        mapping = said.format(field="quantity", name="Quantiy")
        options = parse_options(PRODUCT_COLUMNS, mapping=[mapping], ignore_extra=True)
        quantity = {"quantity": "3"} if "Quantiy" in mapping else {}
        assert first_row("sku,Quantiy\nA,3\n", options) == {"sku": "A", **quantity}

    @pytest.mark.parametrize("name", ["Price", "Prize", "Colour", "Store", "Mix", "Sale"])
    def test_others_are_passed_over(self, name: str) -> None:
        assert first_row(f"sku,{name}\nA,3\n", IGNORING) == {"sku": "A"}

    @pytest.mark.parametrize("name", ["idempotency_key", "Idempotency Key", "idempotency_keys"])
    @pytest.mark.parametrize("kinds", [MOVEMENT_COLUMNS, PRODUCT_COLUMNS])
    @pytest.mark.parametrize("options", [FileOptions(), IGNORING])
    def test_a_column_of_keys_where_nobody_reads_them(
        self, name: str, kinds: dict[str, str], options: FileOptions
    ) -> None:
        (error,) = refusal(f"sku,{name}\nA,k\n", options, kinds=kinds).lines
        assert error.column == name
        for part in ("--each", "--idempotency-key", "--map 'idempotency_key='"):
            assert part in error.message

    def test_keys_are_passed_over_on_demand_and_read_where_they_are_known(self) -> None:
        options = parse_options(MOVEMENT_COLUMNS, mapping=["idempotency_key="])
        text = "sku,delta,idempotency_key\nA,1,k\n"
        row = {"sku": "A", "delta": "1"}
        assert first_row(text, options, kinds=MOVEMENT_COLUMNS) == row
        found = first_row(text, kinds=KEYED_MOVEMENT_COLUMNS)
        assert found == {**row, "idempotency_key": "k"}

    @pytest.mark.parametrize(
        ("name", "known", "near"),
        [
            ("name", "name", False),
            ("nam", "name", True),
            ("names", "name", True),
            ("nome", "name", True),
            ("anme", "name", True),
            ("naem", "name", True),
            ("ame", "name", True),
            ("enam", "name", False),
            ("nmea", "name", False),
            ("na", "name", False),
            ("", "a", True),
            ("ab", "ba", True),
            ("", "", False),
        ],
    )
    def test_near_is_a_letter_more_less_or_other_or_two_swapped(
        self, name: str, known: str, near: bool
    ) -> None:
        assert _one_off(name, known) is near


class TestOwnRecords:
    HEADER = "sku,name,quantity,created_at,updated_at,low,held,available,expected"

    def test_what_our_records_have_besides_is_passed_over(self) -> None:
        assert first_row(f"{self.HEADER}\nA,x,3,t,t,true,1,2,0\n") == {
            "sku": "A",
            "name": "x",
            "quantity": "3",
        }

    @pytest.mark.parametrize("name", ["available", "expected", "low", "created_at"])
    def test_but_only_beside_our_quantity(self, name: str) -> None:
        assert [one.column for one in refusal(f"sku,name,{name}\nA,x,3\n").lines] == [name]

    def test_and_only_by_our_names(self) -> None:
        assert [e.column for e in refusal("sku,quantity,Available\nA,3,4\n").lines] == ["Available"]


class TestBeginnings:
    @pytest.mark.parametrize(
        ("first", "separator"), [("sep=;", ";"), ("SEP=|", "|"), ('"sep=^"', "^"), ("sep=,,,", ",")]
    )
    def test_a_first_line_may_name_the_delimiter(self, first: str, separator: str) -> None:
        text = f"{first}\nsku,name\nA,x\n".replace(",", separator)
        assert next(iter(source(text)))[0] == 3
        assert first_row(text) == {"sku": "A", "name": "x"}

    def test_the_option_beats_it(self) -> None:
        assert first_row("sep=;\nsku,name\nA,x\n", FileOptions(delimiter=",")) == {
            "sku": "A",
            "name": "x",
        }

    def test_a_column_may_be_called_so(self) -> None:
        assert first_row("sku,sep=x\nA,1\n", IGNORING) == {"sku": "A"}

    @pytest.mark.parametrize("above", ["Stock list\n\n", "a,b,c\nd\n", '"unclosed\n,,\n', "\n\n"])
    def test_lines_above_the_header_are_skipped_and_counted(self, above: str) -> None:
        (row,) = source(f"{above}sku,name\nA,x\n", FileOptions(skip_lines=2))
        assert not isinstance(row, BadRow)
        assert (row[0], row[1][:2]) == (4, ("A", "x"))

    @pytest.mark.parametrize(
        "text", ["sep=;\nList\nsku;name\nA;x\n", "List\nsep=;\nsku;name\nA;x\n"]
    )
    def test_a_line_that_names_the_delimiter_counts_among_them(self, text: str) -> None:
        assert first_row(text, FileOptions(skip_lines=2)) == {"sku": "A", "name": "x"}

    def test_lines_of_json_can_be_skipped_too(self) -> None:
        assert first_row('# made today\n{"sku":"A"}\n', FileOptions(skip_lines=1)) == {"sku": "A"}

    def test_more_than_there_are_cannot_be_skipped(self) -> None:
        error = refusal("sku\nA\n", FileOptions(skip_lines=9))
        assert "no more lines than --skip-lines passes over" in error.message

    def test_rows_of_empty_cells_may_stand_above_the_header(self) -> None:
        assert first_row(" \n,,\n ; ;\nsku,name\nA,x\n") == {"sku": "A", "name": "x"}

    @pytest.mark.parametrize("text", [",,\n", ",,\n,,\n", ",,"])
    def test_nothing_else_is_an_empty_file(self, text: str) -> None:
        assert "empty but for blank lines" in refusal(text).message

    @pytest.mark.parametrize(
        ("above", "count"),
        [
            ("Stock list\n", 1),
            ("Stock list, by hand\n\n2026\n", 3),
            ('"of ""A"""\n', 1),
            ("Article;;Stock;\n", 1),
            ("SKU;;\n", 1),
            ("Sku\n\n", 2),
        ],
    )
    def test_where_titles_stand_above_it_the_header_is_found_for_the_hint(
        self, above: str, count: int
    ) -> None:
        for header in ("SKU;Name;Qty", "Article No;Title;On Hand;Min"):
            error = refusal(f"{above}{header}\nA;x;3\n")
            assert error.count == 1
            assert error.hint.endswith(f"--skip-lines {count}")

    def test_a_title_alone_is_no_column_of_anything(self) -> None:
        assert "--map 'sku" not in refusal("Stock list of ACME Ltd\n\nA-1;3\n").hint
        assert "--map sku=Barcode" in refusal("Barcode\n4006381333931\n").hint

    @pytest.mark.parametrize(
        ("header", "told"),
        [
            ("sku,name,quantity,reorder_point,available,reorder_to,order", "amount=order"),
            ("sku,name,in stock,order", "amount=order"),
            ("Order,SKU,Qty", "amount=Qty"),
            ("sku,order,pcs,site", "'amount=…'"),  # an order's number, as it stands beside no stock
            ('"Reference","Value","Qty","PN"', "sku=PN,amount=Qty"),
        ],
    )
    def test_what_is_promised_is_never_read_from_what_there_is(
        self, header: str, told: str
    ) -> None:
        error = refusal(f"{header}\n", kinds=PROMISE_COLUMNS)
        assert f"--map {told} " in error.hint

    def test_beside_a_delta_no_amount_is_looked_for(self) -> None:
        error = refusal("sku,delta,quantity moved\nA,3,3\n", kinds=MOVEMENT_COLUMNS)
        assert error.hint.startswith("to read it so, add --ignore-extra (")

    def test_an_identity_is_no_quantity(self) -> None:
        error = refusal("id,name,qu_id_stock\n1,Milk,3\n")
        assert "without a quantity, add --map sku=id --ignore-extra (" in error.hint

    def test_a_field_of_our_products_is_not_taken_for_the_one_that_it_resembles(self) -> None:
        error = refusal("sku,quantity,low\nA,3,false\n", kinds=COUNT_COLUMNS)
        assert "--map counted=quantity,lot= --ignore-extra (" in error.hint

    @pytest.mark.parametrize("header", ["sku,amount,from,to", "SKU,Amount,From Place,To"])
    def test_from_where_to_where_is_not_passed_over(self, header: str) -> None:
        error = refusal(f"{header}\nA,3,X,Y\n", kinds=MOVEMENT_COLUMNS)
        names = header.split(",")
        assert error.hint.startswith("to read it so, add --map")
        assert f"place={names[2]},to_place={names[3]}" in error.hint
        assert "--ignore-extra" not in error.hint

    def test_a_column_of_a_sheet_is_no_amount(self) -> None:
        error = refusal("sku,name,counted,counted_at\n", kinds=MOVEMENT_COLUMNS)
        assert "--map 'amount=…'" in error.hint

    @pytest.mark.parametrize(
        ("kinds", "header", "command"),
        [
            (PRODUCT_COLUMNS, "sku,name,Counted,counted_at", "stock count"),
            (MOVEMENT_COLUMNS, "sku,counted", "stock count"),
            (PRODUCT_COLUMNS, "sku,delta,reason", "stock apply"),
            (COUNT_COLUMNS, "sku,Action,amount", "stock apply"),
        ],
    )
    def test_a_file_of_another_kind_is_told_which_command_reads_it(
        self, kinds: dict[str, str], header: str, command: str
    ) -> None:
        hint = refusal(f"{header}\n", kinds=kinds).hint
        assert hint.startswith(f"`invctl {command}` reads such a file; to read it here, ")

    @pytest.mark.parametrize(
        ("kinds", "header", "field", "told"),
        [
            (COUNT_COLUMNS, "SKU,Note", "counted", "--map 'counted=…'"),
            (CODE_COLUMNS, "SKU,Units", "code", "--map 'code=…'"),
            (PROMISE_COLUMNS, "SKU", "amount", "--map 'amount=…'"),
            (MOVEMENT_COLUMNS, "SKU,Note", "delta", "--map 'amount=…' --defaults 'action=…'"),
            (MOVEMENT_COLUMNS, "SKU,Action", "amount", "--map 'amount=…'"),
        ],
    )
    def test_a_file_without_what_it_is_about_is_refused_by_its_header(
        self, kinds: dict[str, str], header: str, field: str, told: str
    ) -> None:
        row = f"A{',x' * header.count(',')}\n"
        error = refusal(f"{header}\n{row}", kinds=kinds)
        assert (error.message, error.count) == (f"line 1, {field}: no column is {field}", 1)
        assert error.hint.startswith(f"to read it so, add {told} (")
        foreign = refusal(f"{header},Other,Thing\n", kinds=kinds)
        assert foreign.hint.startswith(f"to read it so, add {told} --ignore-extra (")
        other = refusal(f"{header},Name\n", kinds=kinds) if kinds is not COUNT_COLUMNS else error
        assert "=Name" not in other.hint
        given = FileOptions(defaults={field: "7"})
        assert first_row(f"{header}\n{row}", given, kinds)[field] == "7"

    @pytest.mark.parametrize(
        ("text", "said", "meant"),
        [
            ("sku,name\nA,x\n", ";", ","),
            ("sep=,\nsku;name\nA;x\n", None, "';'"),
            ("sku\tname\nA\tx\n", ",", "tab"),
            ("SKU:Name:Qty\nA:x:3\n", None, ":"),
        ],
    )
    def test_a_delimiter_that_finds_nothing_is_another_one(
        self, text: str, said: str | None, meant: str
    ) -> None:
        error = refusal(text, FileOptions(delimiter=said))
        assert error.hint.endswith(f"--delimiter {meant}")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('"SKU;Name;Qty"\n"A;x;3"\n', "each line is in quotes as a whole: take those away"),
            ("SKU  Name  Qty\nA  x  3\n", "columns are parted by blanks: part them by tabs"),
        ],
    )
    def test_columns_that_are_one_cell_are_told_as_such(self, text: str, said: str) -> None:
        assert refusal(text).hint == said

    @pytest.mark.parametrize("text", ["A-1,Shirt,10\nB-1,Mug,3\n", "A-1\nB-1\n"])
    def test_a_file_without_a_header_is_refused_once(self, text: str) -> None:
        error = refusal(text)
        assert error.count == 1
        assert "none of the known columns" in error.message
        assert "name the columns in the first line" in error.hint

    def test_a_column_that_is_there_twice_is_told_as_that(self) -> None:
        error = refusal("sku,SKU,colour\nA,A,red\n")
        assert "2 columns are sku: 'sku', 'SKU'" in error.lines[0].message

    @pytest.mark.parametrize("header", ['"SKU" ,"Name" ,"Qty"', ' "SKU", "Name", "Qty"'])
    def test_blanks_around_its_quotes_do_not_matter(self, header: str) -> None:
        assert first_row(f"{header}\nA,x,3\n") == {"sku": "A", "name": "x", "quantity": "3"}
