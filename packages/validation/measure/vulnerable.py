# An application with an SQL injection in SQLite, for measuring alone: prints its port, then the raw value of each request.
import sqlite3, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_plus

def database():
    link = sqlite3.connect(':memory:', check_same_thread=False)
    link.executescript("""CREATE TABLE items(id INTEGER, title TEXT, price REAL);
        INSERT INTO items VALUES (1, 'lamp', 12.5), (2, 'chair', 40), (3, 'table', 99.9);
        CREATE TABLE members(name TEXT, mail TEXT); INSERT INTO members VALUES ('ann', 'ann@example.com');""")
    return link

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        raw = self.path.split('?id=', 1)[-1]
        print(raw, flush=True)
        value = unquote_plus(raw)
        rows = []
        link = database()
        try:
            if ';' in value:
                link.executescript('SELECT title FROM items WHERE id=' + value)
            rows = link.execute('SELECT title, price FROM items WHERE id=' + value).fetchall()
        except Exception:
            pass
        finally:
            link.close()
        body = ('<html><body>' + ''.join(f'<p>{a} {b}</p>' for a, b in rows) + '</body></html>').encode()
        self.send_response(200)
        self.send_header('content-type', 'text/html')
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
