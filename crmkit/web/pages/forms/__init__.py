"""Forms made from the signatures of operations, for every room of the pages.

`form_of` makes one, `submit` reads what was typed into it and runs the operation. Must not know any operation.
"""

from crmkit.web.pages.forms.asking import may_run as may_run, step_up_first as step_up_first
from crmkit.web.pages.forms.making import form_of as form_of
from crmkit.web.pages.forms.model import Choice as Choice, Field as Field, Form as Form
from crmkit.web.pages.forms.reading import Reading as Reading, read_form as read_form
from crmkit.web.pages.forms.references import label_of as label_of
from crmkit.web.pages.forms.submitting import Submission as Submission, submit as submit
