"""Reading any declared resource, for every door alike: what its records look like, which of them, in which order, and
which of their fields.

`shapes` says what there is, `reading` reads it. What somebody may not see is neither shown nor filtered or sorted by.
Must not know any door, and must not write.
"""

from crmkit.resources.query import ResourcePage as ResourcePage, ResourceQuery as ResourceQuery, Row as Row
from crmkit.resources.reading import (
    count_records as count_records,
    every_record as every_record,
    get_record as get_record,
    list_documents as list_documents,
    list_records as list_records,
)
from crmkit.resources.shapes import (
    FieldShape as FieldShape,
    ResourceShape as ResourceShape,
    resource_names as resource_names,
    shape_of as shape_of,
)
