"""The base as files: Markdown folders and exports of other systems in; a folder or a static site out."""
