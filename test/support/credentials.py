"""
Prints the credentials that botocore finds for a profile: `credentials.py PROFILE [DIRECTORY]`. Those of roles are kept
in the directory, as AWS CLI 2 keeps them. Where files and service are, the environment says, as to any program.
"""

import json
import sys

from botocore.credentials import JSONFileCache
from botocore.session import Session

profile, *directory = sys.argv[1:]
session = Session(profile=profile)
if directory:
    session.get_component("credential_provider").get_provider("sso").cache = JSONFileCache(directory[0])
found = session.get_credentials().get_frozen_credentials()
print(
    json.dumps(
        {"accessKeyId": found.access_key, "secretAccessKey": found.secret_key, "sessionToken": found.token}
    )
)
