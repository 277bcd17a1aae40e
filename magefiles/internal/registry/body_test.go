package registry_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// put keeps content of a size in a store.
func put(t *testing.T, store content.Store, mediaType string, data []byte) ocispec.Descriptor {
	t.Helper()
	desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if err := content.WriteBlob(t.Context(), store, desc.Digest.String(), bytes.NewReader(data), desc); err != nil {
		t.Fatal(err)
	}
	return desc
}

// hidden is a provider whose content is in no file that the client could see.
type hidden struct{ content.Provider }

func (h hidden) ReaderAt(ctx context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	reader, err := h.Provider.ReaderAt(ctx, desc)
	return struct{ content.ReaderAt }{reader}, err
}

// A layer arrives whole on every way that a request's body takes: from the file by the kernel, through a buffer, by
// HTTP/2, and once more after the connection was cut or the token had run out.
func TestUploadWays(t *testing.T) {
	store, err := local.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	layer := put(t, store, ocispec.MediaTypeImageLayer, bytes.Repeat([]byte("0123456789abcdef"), 3<<16)) // 3 MB
	config := put(t, store, ocispec.MediaTypeImageConfig, []byte("{}"))
	manifest := []byte(`{"schemaVersion":2,"mediaType":"` + ocispec.MediaTypeImageManifest + `","config":{"mediaType":"` + config.MediaType + `","digest":"` + config.Digest.String() +
		`","size":2},"layers":[{"mediaType":"` + layer.MediaType + `","digest":"` + layer.Digest.String() + `","size":3145728}]}`)
	root := put(t, store, ocispec.MediaTypeImageManifest, manifest)
	for name, test := range map[string]struct {
		provider content.Provider
		tls      bool
		protocol string
	}{
		"file":         {store, false, "HTTP/1.1"},
		"no file":      {hidden{store}, false, "HTTP/1.1"},
		"file, TLS":    {store, true, "HTTP/2.0"},
		"no file, TLS": {hidden{store}, true, "HTTP/2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := testkit.Start(testkit.Options{Open: true})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = server.Close() }()
			server.Inject(testkit.On(http.MethodPut, testkit.Upload, testkit.Nth(1, testkit.Cut(1<<20))))
			server.Inject(testkit.On(http.MethodPut, testkit.Upload, testkit.Nth(2, testkit.Answer(http.StatusBadGateway, nil, "", ""))))
			client, addr, spoken := clientBefore(t, server.Addr(), test.tls)
			var last push.Progress
			pushed, err := client.Push(t.Context(), test.provider, []push.Image{{Ref: refs.Image(addr + "/acme/backend:1"), Descriptor: root}}, func(p push.Progress) { last = p })
			if err != nil {
				t.Fatal(err)
			}
			if pushed[0].Uploaded != layer.Size+config.Size+root.Size || last.Sent != last.Total {
				t.Errorf("%+v, progress ended at %+v", pushed[0], last)
			}
			if spoken.Load() != test.protocol {
				t.Errorf("spoke %v, want %s", spoken.Load(), test.protocol)
			}
		})
	}
}

// clientBefore returns a client of a server that passes all to the registry, with TLS or without, and notes what it speaks. Each request is
// seen before.
func clientBefore(t *testing.T, target string, encrypted bool, before ...func(*http.Request)) (client *registry.Client, addr string, spoken *atomic.Value) {
	t.Helper()
	spoken = &atomic.Value{}
	reverse := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: target})
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		spoken.Store(r.Proto)
		for _, see := range before {
			see(r)
		}
		reverse.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog, reverse.ErrorLog = log.New(io.Discard, "", 0), log.New(io.Discard, "", 0)
	transport := protocol.NewTransport()
	if encrypted {
		server.EnableHTTP2 = true
		server.StartTLS()
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	var machine *hosts.Machine
	if encrypted {
		machine = overTLS(t, server.Listener.Addr().String())
	}
	client = registry.New(registry.Options{
		Transport: transport, Machine: machine,
		Sleep: func(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) },
	})
	return client, server.Listener.Addr().String(), spoken
}

// stillSource is a provider whose first reader stands still after some bytes, until it is interrupted.
type stillSource struct {
	content.Provider

	opened atomic.Int32
}

func (s *stillSource) ReaderAt(ctx context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	reader, err := s.Provider.ReaderAt(ctx, desc)
	if desc.MediaType != ocispec.MediaTypeImageLayer || s.opened.Add(1) > 1 {
		return reader, err
	}
	return stillReader{reader, make(chan struct{})}, err
}

type stillReader struct {
	content.ReaderAt

	woken chan struct{}
}

func (r stillReader) ReadAt(p []byte, offset int64) (int, error) {
	const begun = 128 << 10 // more than what connections buffer
	if offset >= begun {
		<-r.woken
		return 0, errors.New("the source was interrupted") // which no retry would mend
	}
	return r.ReaderAt.ReadAt(p[:min(int64(len(p)), begun-offset)], offset)
}

func (r stillReader) Interrupt() { close(r.woken) }

// An upload that a registry has cut waits for no source that stands still.
func TestUploadInterruptsItsSource(t *testing.T) {
	store, err := local.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	source := &stillSource{Provider: store}
	layer := put(t, store, ocispec.MediaTypeImageLayer, bytes.Repeat([]byte("0123456789abcdef"), 16<<10))
	config := put(t, store, ocispec.MediaTypeImageConfig, []byte("{}"))
	root := put(t, store, ocispec.MediaTypeImageManifest, fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":2},`+
		`"layers":[{"mediaType":%q,"digest":%q,"size":%d}]}`, ocispec.MediaTypeImageManifest, config.MediaType, config.Digest, layer.MediaType, layer.Digest, layer.Size))
	server, err := testkit.Start(testkit.Options{Open: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	cut := atomic.Bool{}
	client, addr, spoken := clientBefore(t, server.Addr(), true, func(r *http.Request) {
		if r.Method == http.MethodPut && r.ContentLength == layer.Size && !cut.Swap(true) {
			_, _ = io.CopyN(io.Discard, r.Body, 1)
			panic(http.ErrAbortHandler)
		}
	})
	if _, err = client.Push(t.Context(), source, []push.Image{{Ref: refs.Image(addr + "/acme/backend:1"), Descriptor: root}}, nil); err != nil {
		t.Fatal(err)
	}
	if source.opened.Load() < 2 || spoken.Load() != "HTTP/2.0" {
		t.Errorf("the layer was opened %d times, over %v", source.opened.Load(), spoken.Load())
	}
}

// lateReader is a transport that goes on reading the bodies of requests that it has answered, as HTTP/2's does when its writing goroutine
// notices late.
type lateReader struct {
	http.RoundTripper

	closes bool // bodies before their answer, not some time after it
	bodies []io.Reader
	late   int64 // bytes that were read of bodies after their answer
}

func (l *lateReader) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPut || r.ContentLength == 0 {
		return l.RoundTripper.RoundTrip(r)
	}
	l.readOn()
	l.bodies = append(l.bodies, r.Body)
	if len(l.bodies) > 2 {
		return l.RoundTripper.RoundTrip(r)
	}
	_, _ = io.CopyN(io.Discard, r.Body, 1000)
	if l.closes {
		_ = r.Body.Close()
	}
	l.readOn()
	return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// readOn reads what is left of all bodies, but for the one under way.
func (l *lateReader) readOn() {
	for _, body := range l.bodies {
		n, _ := io.CopyN(io.Discard, body, 1000)
		l.late += n
	}
}

// openProvider is a provider whose readers can be read after they were closed, as those of documents.
type openProvider struct{ content.Provider }

func (o openProvider) ReaderAt(ctx context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	reader, err := o.Provider.ReaderAt(ctx, desc)
	return openReader{reader}, err
}

type openReader struct{ content.ReaderAt }

func (openReader) Close() error { return nil }

// What a transport reads of a request that has ended is neither a fault of the content nor progress.
func TestUploadReadAfterItsEnd(t *testing.T) {
	store, err := local.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	config := put(t, store, ocispec.MediaTypeImageConfig, bytes.Repeat([]byte("{}"), 5000))
	root := put(t, store, ocispec.MediaTypeImageManifest, fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},"layers":[]}`,
		ocispec.MediaTypeImageManifest, config.MediaType, config.Digest, config.Size))
	for name, test := range map[string]struct {
		provider content.Provider
		closes   bool
	}{
		"file": {store, true}, "no file": {hidden{store}, true}, "readable when closed": {openProvider{store}, true}, "closed late": {store, false},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := testkit.Start(testkit.Options{Open: true})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = server.Close() }()
			late := &lateReader{RoundTripper: protocol.NewTransport(), closes: test.closes}
			client := registry.New(registry.Options{Transport: late, Sleep: func(context.Context, time.Duration) error { return nil }})
			var last push.Progress
			_, err = client.Push(t.Context(), test.provider, []push.Image{{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: root}}, func(p push.Progress) { last = p })
			if err != nil {
				t.Fatal(err)
			}
			late.readOn()
			if late.late > 0 && test.closes {
				t.Errorf("%d bytes were read of closed bodies", late.late)
			}
			if len(late.bodies) < 4 || last.Sent != last.Total || last.Sent != config.Size+root.Size {
				t.Errorf("%d requests, progress ended at %+v", len(late.bodies), last)
			}
		})
	}
}
