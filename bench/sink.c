/*
 * The floor: receives what the cameras send and appends it to a file each. Reads no WebSocket, unmasks nothing.
 * A connection ends when its peer has sent all it has.
 *
 *   sink FOLDER     prints the port that it listens on
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, MAX_REQUEST_BYTES = 8192, MAX_PATH_BYTES = 4096 };

static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
static const char *folder;
static int connections;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void write_all(int file, const char *bytes, ssize_t length) {
  while (length > 0) {
    ssize_t written = write(file, bytes, (size_t)length);
    if (written < 0) fail("write");
    bytes += written;
    length -= written;
  }
}

/* Reads up to the empty line; a camera sends nothing behind it before the answer. */
static int take_handshake(int peer) {
  char request[MAX_REQUEST_BYTES + 1];
  ssize_t used = 0;
  for (;;) {
    ssize_t length = recv(peer, request + used, (size_t)(MAX_REQUEST_BYTES - used), 0);
    if (length <= 0) return 0;
    used += length;
    request[used] = 0;
    if (strstr(request, "\r\n\r\n")) break;
    if (used == MAX_REQUEST_BYTES) return 0;
  }
  return send(peer, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) > 0;
}

static void *serve(void *argument) {
  int peer = (int)(long)argument;
  char path[MAX_PATH_BYTES];
  snprintf(path, sizeof path, "%s/%d.bin", folder, __sync_fetch_and_add(&connections, 1));
  char *buffer = malloc(BUFFER_BYTES);
  int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
  if (!buffer || file < 0) fail(path);
  ssize_t length;
  if (take_handshake(peer))
    while ((length = recv(peer, buffer, BUFFER_BYTES, 0)) > 0) write_all(file, buffer, length);
  close(file);
  close(peer);
  free(buffer);
  return 0;
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  folder = arguments[1];
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 64)) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int peer = accept(listener, 0, 0);
    if (peer < 0) fail("accept");
    pthread_t thread;
    if (pthread_create(&thread, 0, serve, (void *)(long)peer)) fail("thread");
    pthread_detach(thread);
  }
}
