"""Runs a command, and prints seconds, peak memory in MiB, and what it wrote, as JSON.

A process of its own, and a small one: Linux counts the memory of whoever starts a process as the
first of that process's.

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
