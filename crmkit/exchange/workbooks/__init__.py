"""Workbooks of spreadsheet programs as tables of rows: Excel's (.xlsx, .xls) and OpenDocument's (.ods)."""
