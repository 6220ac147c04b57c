"""Prints the mails of a folder of Maildirs as JSON, as a mail program reads them: headers, and both alternatives."""

import json
import pathlib
import sys
from email import policy
from email.parser import BytesParser

mails = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*/new/*")):
    mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    mails.append({
        "mailbox": path.parent.parent.name,
        "headers": {name.lower(): str(value) for name, value in mail.items()},
        "type": mail.get_content_type(),
        "text": parts.get("text/plain", ""),
        "html": parts.get("text/html", ""),
        "defects": [str(defect) for defect in mail.defects],
    })
print(json.dumps(mails))
