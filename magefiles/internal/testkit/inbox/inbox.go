// Package inbox receives what notifications send: web requests to any host, which it answers as their hosts' TLS servers
// would, and mail. Clients reach it as their HTTPS_PROXY and trust its certificate authority through SSL_CERT_FILE, so that
// they send exactly what the real services would get. It listens on loopback only.
package inbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Post is a request that was received.
type Post struct {
	Host   string // that the client meant, e.g. hooks.slack.com
	Path   string // with the query
	Header http.Header
	Body   string
}

// Answer is a host's answer; the zero value is 200 with no body.
type Answer struct {
	Status int
	Body   string
	Never  bool // the request hangs until the inbox is closed
}

// Inbox is running.
type Inbox struct {
	dir    string
	ca     *authority
	http   *http.Server
	port   string
	ended  context.Context
	end    context.CancelFunc
	mail   *mailServer
	served sync.WaitGroup

	mu      sync.Mutex
	posts   []Post
	answers map[string]Answer // by host
}

// Start begins to receive on free ports of 127.0.0.1. ctx bounds the start only.
func Start(ctx context.Context) (*Inbox, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	i := &Inbox{ca: ca, answers: map[string]Answer{}}
	if i.dir, err = os.MkdirTemp("", "inbox"); err != nil {
		return nil, fmt.Errorf("creating the inbox's directory: %w", err)
	}
	if err := os.WriteFile(i.CertificateFile(), ca.pem, 0o600); err != nil {
		return nil, fmt.Errorf("writing the certificate authority: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on loopback: %w", err)
	}
	i.ended, i.end = context.WithCancel(context.WithoutCancel(ctx))
	_, i.port, _ = net.SplitHostPort(listener.Addr().String())
	i.http = &http.Server{Handler: http.HandlerFunc(i.serve), ReadHeaderTimeout: time.Minute}
	i.served.Go(func() { _ = i.http.Serve(listener) }) // ends with http.ErrServerClosed
	if i.mail, err = startMail(ctx); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// URL returns the address of requests that need no proxy.
func (i *Inbox) URL() string { return "http://127.0.0.1:" + i.port }

// CertificateFile holds the authority that clients are to trust.
func (i *Inbox) CertificateFile() string { return filepath.Join(i.dir, "ca.pem") }

// Environ makes a process send everything here; what it sends to loopback itself arrives where it is sent to.
func (i *Inbox) Environ() []string {
	return []string{"HTTPS_PROXY=" + i.URL(), "SSL_CERT_FILE=" + i.CertificateFile()}
}

// MailAddress is host:port of the mail server, which takes any user with the password MailPassword.
func (i *Inbox) MailAddress() string { return i.mail.listener.Addr().String() }

// Answer sets what a host says from now on.
func (i *Inbox) Answer(host string, a Answer) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers[host] = a
}

// Posts returns what was received, in order.
func (i *Inbox) Posts() []Post {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.posts)
}

// Mails returns the mails that were received, in order.
func (i *Inbox) Mails() []Mail { return i.mail.received() }

// Forget empties the inbox and makes every host agreeable again.
func (i *Inbox) Forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.posts, i.answers = nil, map[string]Answer{}
	i.mail.forget()
}

// Close ends everything that is open.
func (i *Inbox) Close() error {
	i.end()
	err := i.http.Close()
	if i.mail != nil {
		err = errors.Join(err, i.mail.close())
	}
	i.served.Wait()
	return errors.Join(err, os.RemoveAll(i.dir))
}

// serve takes requests for this server itself, and tunnels, within which it is the server that the client meant.
func (i *Inbox) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		i.receive(w, r, r.Host)
		return
	}
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	host := r.URL.Hostname()
	i.served.Go(func() {
		defer connection.Close()
		if _, err := io.WriteString(connection, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
			return
		}
		stop := context.AfterFunc(i.ended, func() { _ = connection.Close() })
		defer stop()
		i.tunnel(connection, host)
	})
}

// tunnel speaks TLS as host would, and serves the requests within until the client or the inbox ends.
func (i *Inbox) tunnel(connection net.Conn, host string) {
	secure := tls.Server(connection, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: i.ca.certificate})
	inner := newSingle(secure)
	handler := func(w http.ResponseWriter, r *http.Request) { i.receive(w, r, host) }
	_ = (&http.Server{Handler: http.HandlerFunc(handler), ReadHeaderTimeout: time.Minute}).Serve(inner)
}

func (i *Inbox) receive(w http.ResponseWriter, r *http.Request, host string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	i.mu.Lock()
	i.posts = append(i.posts, Post{Host: host, Path: r.URL.RequestURI(), Header: r.Header.Clone(), Body: string(body)})
	answer := i.answers[host]
	i.mu.Unlock()
	if answer.Never {
		select {
		case <-i.ended.Done():
		case <-r.Context().Done():
		}
		return
	}
	if answer.Status != 0 {
		w.WriteHeader(answer.Status)
	}
	_, _ = io.WriteString(w, answer.Body) // an error means that the client is gone
}
