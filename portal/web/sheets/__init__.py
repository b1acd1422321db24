"""Tables that come as files and go as files: reading what people upload, and cells made safe."""
