"""How gunicorn serves the portal: in the image, by hand, in the demo and in the tests alike."""

worker_class = "gthread"
workers = 2
threads = 4
accesslog = "-"
# It would be a file in the home folder, shared by all gunicorns of the user.
control_socket_disable = True
