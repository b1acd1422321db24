"""How gunicorn serves the portal: in the image, by hand, in the demo and in the tests alike.

gunicorn reads this file from the folder it is started in; options on its command line win.
"""

from pathlib import Path

import gunicorn.http.wsgi

# Strangers need not be told which server answers, and which of its holes to try.
gunicorn.http.wsgi.SERVER = "Tenantry"

worker_class = "portal.web.server.WholeRequestWorker"
workers = 2
threads = 4
# Sockets per worker, most of which may wait; a process may have 1,024 files open by default.
worker_connections = 800
# No access log: the portal logs every request itself, and masks the links that set a new password.
# It would be a file in the home folder, shared by all gunicorns of the user.
control_socket_disable = True
# Worker heartbeats go to memory: on a slow disk gunicorn would take a busy worker for a dead one.
if Path("/dev/shm").is_dir():  # noqa: S108
    worker_tmp_dir = "/dev/shm"  # noqa: S108
