"""The tests of crmkit; a package so that helpers have one name wherever they are imported from."""
