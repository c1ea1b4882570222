import threading, _thread
t = threading.current_thread()
print(t.name, t is threading.main_thread(), t.is_alive(), threading.get_ident() == _thread.get_ident(), threading.active_count())
