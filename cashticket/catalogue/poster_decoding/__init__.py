"""What runs in the process that decodes posters: it turns a file from anywhere into four small pictures.

The process is started with this folder alone (`__main__`). It loads Pillow and the modules here, so it holds no keys,
no settings and no drivers, and imports here are relative. `poster_process` is its other end.
"""
