"""The forms in which reports go out: pages, printed documents, sheets and data; on request or on a schedule."""
