"""
A process that wants the token of a session, with botocore.

It says `ready`, answers each line of its standard input with one line, and ends with its standard input. A line names
the `profile`. Where files and service are, the environment says, as to any program.
"""

import json
import sys

from botocore.session import Session
from botocore.tokens import SSOTokenProvider

print("ready", flush=True)
for line in sys.stdin:
    profile = json.loads(line)["profile"]
    try:
        token = SSOTokenProvider(Session(profile=profile)).load_token().get_frozen_token()
        answer = {"accessToken": token.token}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)
