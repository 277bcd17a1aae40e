package daemon_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	deb "github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

// TestMutualTLS has a daemon that only answers those who hold a certificate of its authority.
func TestMutualTLS(t *testing.T) {
	sharedDaemon.Connection(t) // buildkitd is compiled
	dir := t.TempDir()
	certificates(t, dir)
	o, err := buildkitd.Options("")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	files := daemon.TLS{CA: file("ca.pem"), Cert: file("client.pem"), Key: file("client-key.pem")}
	connect := func(ctx context.Context, query string, files daemon.TLS) (*daemon.Connection, error) {
		return daemon.Connect(ctx, daemon.Options{Host: "tcp://127.0.0.1:" + port + query, TLS: files, CacheDir: dir})
	}
	process, err := deb.Start(t.Context(), deb.Options{
		Path: filepath.Join(o.BinDir, "buildkit-"+daemon.Version, "buildkitd"),
		Args: []string{
			"--root=" + file("root"), "--addr=tcp://127.0.0.1:" + port, "--otel-socket-path=" + file("otel.sock"), "--containerd-worker=false",
			"--tlscacert=" + file("ca.pem"), "--tlscert=" + file("server.pem"), "--tlskey=" + file("server-key.pem"),
		},
		Log: file("log"),
		Ready: func(ctx context.Context) error {
			conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
			if err == nil {
				_ = conn.Close()
			}
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Stop(); err != nil {
			t.Error(err)
		}
	})
	query := fmt.Sprintf("?cacert=%s&cert=%s&key=%s&servername=127.0.0.1", files.CA, files.Cert, files.Key)
	for name, c := range map[string]func() (*daemon.Connection, error){
		"variables": func() (*daemon.Connection, error) { return connect(t.Context(), "", files) },
		"query":     func() (*daemon.Connection, error) { return connect(t.Context(), query, daemon.TLS{CA: "wrong"}) },
	} {
		connection, err := c()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !connection.Local || len(connection.Platforms) == 0 {
			t.Errorf("%s: the daemon is %+v", name, connection)
		}
		buildkitd.CloseAll(t, connection)
	}
	for name, wrong := range map[string]daemon.TLS{
		"no TLS": {}, "no certificate": {CA: files.CA}, "no authority": {Cert: files.Cert, Key: files.Key}, "no key": {CA: files.CA, Cert: files.Cert},
	} {
		if c, err := connect(t.Context(), "", wrong); err == nil {
			t.Errorf("%s: the daemon answers", name)
			buildkitd.CloseAll(t, c)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// certificates writes an authority, and a server's and a client's certificate of it.
func certificates(t *testing.T, dir string) {
	t.Helper()
	caKey, caCert := (*ecdsa.PrivateKey)(nil), (*x509.Certificate)(nil)
	for serial, name := range []string{"ca", "server", "client"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		cert := &x509.Certificate{
			SerialNumber: big.NewInt(int64(serial + 1)), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IsCA: name == "ca", BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		}
		if name == "ca" {
			caKey, caCert = key, cert
		}
		der, err := x509.CreateCertificate(rand.Reader, cert, caCert, &key.PublicKey, caKey)
		if err != nil {
			t.Fatal(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + "-key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
			if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAddressesThroughPrograms has stand-ins for ssh, podman and kubectl in front of a real daemon: they check what they
// are called with, and connect as the real ones would.
func TestAddressesThroughPrograms(t *testing.T) {
	live := sharedDaemon.Connection(t).Address
	buildctl, err := buildkitd.Buildctl(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for address, tc := range map[string]struct{ program, args string }{
		"ssh://dev@builder:2222/run/b.sock":                {"ssh", "-l dev -p 2222 -- builder buildctl --addr unix:///run/b.sock dial-stdio"},
		"podman-container://b":                             {"podman", "exec -i b buildctl dial-stdio"},
		"kube-pod://b-0?context=c&namespace=n&container=k": {"kubectl", "--context=c --namespace=n exec --container=k -i b-0 -- buildctl dial-stdio"},
	} {
		t.Setenv("PATH", dir)
		_, err := daemon.Connect(t.Context(), daemon.Options{Host: address, CacheDir: t.TempDir()})
		if want := fmt.Sprintf("needs the program %q", tc.program); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s without its program: %v", address, err)
		}
		script := fmt.Sprintf("#!/bin/sh\n[ \"$*\" = '%s' ] || { echo \"called with $*\" >&2; exit 9; }\nexec %s --addr %s dial-stdio\n", tc.args, buildctl, live)
		if err := os.WriteFile(filepath.Join(dir, tc.program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		c, err := daemon.Connect(t.Context(), daemon.Options{Host: address, CacheDir: t.TempDir()})
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if c.Local || c.Version != daemon.Version {
			t.Errorf("%s: the daemon is %+v", address, c)
		}
		buildkitd.CloseAll(t, c)
	}
}
