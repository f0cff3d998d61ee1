"""The revisions of the plugin's tables, in one line: warranty_0001, warranty_0002 …"""
