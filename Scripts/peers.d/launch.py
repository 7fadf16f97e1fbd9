"""Runs a command and prints its time in seconds, its peak memory in MiB and its output, as JSON.

This is a small, separate process, because Linux counts the memory of the parent process as memory of a new
process.

    python launch.py COMMAND [ARGUMENT …]
"""

import json
import os
import subprocess
import sys
import time

start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
assert process.stdout is not None
output = process.stdout.read()
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
process.returncode = os.waitstatus_to_exitcode(status)
if process.returncode != 0:
    sys.exit(f"peers: {sys.argv[1]} ended with {process.returncode}")
print(json.dumps([seconds, usage.ru_maxrss / 1024, output.decode()]))
