"""How an inventory is stored: tables, engines, transactions, files, migrations."""
