"""The fake provider as a Python test sees it: start one, script it, talk to it in bytes."""
import json, os, socket, ssl, subprocess, urllib.request

PROMPT = 'What is the capital of France?'
ANSWER = 'The capital of France is Paris.'
CHAT = {'model': 'gpt-4', 'messages': [{'role': 'user', 'content': PROMPT}]}
PATHS = {'openai': '/openai/v1/chat/completions', 'anthropic': '/anthropic/v1/messages',
         'deepseek': '/deepseek/chat/completions'}


class Fake:
    def __init__(self, program, directory, *arguments):
        ports = os.path.join(directory, 'ports.json')
        self.process = subprocess.Popen(
            [program, '--http-port', '0', '--ports-file', ports, *arguments], stdout=subprocess.PIPE, text=True)
        self.printed = json.loads(self.process.stdout.readline())
        with open(ports) as file:
            self.ports = json.load(file)
        os.remove(ports)
        self.http, self.https = self.ports['http'], self.ports['https']

    def control(self, what, value=None):
        """POST with a value, GET without; the answer as a Python value."""
        data = None if value is None else json.dumps(value).encode()
        with urllib.request.urlopen(f'http://127.0.0.1:{self.http}/_control/{what}', data) as answer:
            return json.load(answer)

    def rules(self, *rules):
        self.control('reset', {})
        self.control('rules', list(rules))

    def last(self):
        return self.control('requests')[-1]


def request_of(provider, body=None, path=None, method='POST', key='sk-test-self', **headers):
    """The bytes of a request; a header given as None is left out."""
    all_headers = {'host': 'localhost', 'content-type': 'application/json'}
    if key and provider == 'anthropic':
        all_headers.update({'x-api-key': key, 'anthropic-version': '2023-06-01'})
    elif key:
        all_headers['authorization'] = 'Bearer ' + key
    if body is None and method == 'POST':
        body = dict(CHAT, max_tokens=64) if provider == 'anthropic' else CHAT
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b''
    all_headers['content-length'] = str(len(data))
    all_headers.update({name.replace('_', '-'): value for name, value in headers.items()})
    lines = ''.join(f'{name}: {value}\r\n' for name, value in all_headers.items() if value is not None)
    return f'{method} {path or PATHS[provider]} HTTP/1.1\r\n{lines}\r\n'.encode() + data


class Answer:
    """What came back over a raw socket, and how it ended: whole, eof, reset, timeout, or ragged (no close_notify)."""

    def __init__(self, raw, end):
        self.raw, self.end = raw, end
        head, _, self.body = raw.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        self.status = int(lines[0].split()[1]) if raw else None
        self.headers = {name.lower(): value for name, _, value in (line.partition(': ') for line in lines[1:])}

    def json(self):
        return json.loads(self.body)


def is_whole(raw):
    head, separator, body = raw.partition(b'\r\n\r\n')
    length = [line for line in head.lower().split(b'\r\n') if line.startswith(b'content-length:')]
    return bool(separator and length) and len(body) >= int(length[0].split(b':')[1])


def receive(connection, timeout=3.0):
    raw = b''
    connection.settimeout(timeout)
    while not is_whole(raw):
        try:
            part = connection.recv(1 << 20)
        except socket.timeout:
            return Answer(raw, 'timeout')
        except ConnectionResetError:
            return Answer(raw, 'reset')
        except ssl.SSLEOFError:
            return Answer(raw, 'ragged')
        if not part:
            return Answer(raw, 'eof')
        raw += part
    return Answer(raw, 'whole')


def ask(fake, request, timeout=3.0, tls=None):
    port = fake.https if tls else fake.http
    with socket.create_connection(('127.0.0.1', port)) as plain:
        connection = tls.wrap_socket(plain, server_hostname='localhost', suppress_ragged_eofs=False) if tls else plain
        connection.sendall(request)
        return receive(connection, timeout)


def text_of(provider, answer):
    return answer['content'][0]['text'] if provider == 'anthropic' else answer['choices'][0]['message']['content']


def curl(fake, ca, provider, *arguments):
    """curl over https; its exit status, and what it printed."""
    key = ['-H', 'x-api-key: sk-test-self', '-H', 'anthropic-version: 2023-06-01'] if provider == 'anthropic' \
        else ['-H', 'authorization: Bearer sk-test-self']
    body = json.dumps(dict(CHAT, max_tokens=64) if provider == 'anthropic' else CHAT)
    url = f'https://localhost:{fake.https}{PATHS[provider]}'
    done = subprocess.run(['curl', '-sS', '--cacert', ca, *key, '-H', 'content-type: application/json', '-d', body, url,
                           *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout
