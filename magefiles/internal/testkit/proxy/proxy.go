// Package proxy stands in front of a registry, whichever it is: it logs what passes and injects faults that no registry
// has by itself. It listens on loopback only and keeps the client's Host, so that the registry's addresses lead through it.
package proxy

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// Proxy is a running proxy. Its methods may be called from any goroutine.
type Proxy struct {
	registry.Traffic

	addr    string
	http    *http.Server
	reverse *httputil.ReverseProxy
	served  sync.WaitGroup
}

// Start listens on 127.0.0.1 and passes everything to target (host:port, without TLS) until Close.
func Start(target string) (*Proxy, error) { return StartTLS(target, nil) }

// StartTLS is Start with TLS before the registry, as operators have it; nil is none.
func StartTLS(target string, settings *tls.Config) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the proxy: %w", err)
	}
	if settings != nil {
		listener = tls.NewListener(listener, settings)
	}
	quiet := log.New(io.Discard, "", 0)
	p := &Proxy{addr: listener.Addr().String(), reverse: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: target})
			r.Out.Host = r.In.Host
			if settings != nil {
				r.Out.Header.Set("X-Forwarded-Proto", "https")
			}
		},
		// A registry that cannot be reached looks as it would without a proxy.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     quiet,
		Transport:    &http.Transport{MaxIdleConnsPerHost: 16},
	}}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Pass(w, r, p.forward) })
	p.http = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	p.served.Go(func() { _ = p.http.Serve(listener) }) // always ErrServerClosed: Close is the only way to end it
	return p, nil
}

// Addr is host:port, the first part of an image reference.
func (p *Proxy) Addr() string { return p.addr }

// Close cuts all connections and frees the port.
func (p *Proxy) Close() error {
	err := p.http.Close()
	p.served.Wait()
	return err
}

func (p *Proxy) forward(w http.ResponseWriter, r *http.Request, _ registry.Request) {
	p.reverse.ServeHTTP(w, r)
}

// LoseAnswer lets the registry do what a request asks and cuts the connection instead of passing its answer on.
func (p *Proxy) LoseAnswer() registry.Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ registry.Request) bool {
		p.reverse.ServeHTTP(discard{header: http.Header{}}, r)
		panic(http.ErrAbortHandler) // net/http's documented way to cut a connection
	}
}

// discard takes an answer that is not delivered.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
