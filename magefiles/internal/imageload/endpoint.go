package imageload

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// DockerOptions say which Engine is meant, by docker's own variables
// (https://docs.docker.com/reference/cli/docker/#environment-variables).
type DockerOptions struct {
	Host      string // DOCKER_HOST: unix:// or tcp://
	Context   string // DOCKER_CONTEXT, where Host is empty; else the one that the configuration names
	ConfigDir string // DOCKER_CONFIG; empty is .docker in the home directory
	TLSVerify bool   // DOCKER_TLS_VERIFY is set: tcp:// Host asks for TLS
	CertPath  string // DOCKER_CERT_PATH: ca.pem, cert.pem and key.pem; empty is ConfigDir
}

// defaultDockerHost is the default address of this machine's Engine.
const defaultDockerHost = "unix:///var/run/docker.sock"

// engineEndpoint is an address of an Engine's API.
type engineEndpoint struct {
	host  string // as in DOCKER_HOST
	certs string // directory of a TLS identity; empty is no TLS
}

// resolveEndpoint follows docker's own order: DOCKER_HOST, DOCKER_CONTEXT, the configuration's current context, this machine.
func (o DockerOptions) resolveEndpoint() (engineEndpoint, error) {
	dir, err := o.configDir()
	if err != nil {
		return engineEndpoint{}, err
	}
	if o.Host != "" {
		e := engineEndpoint{host: o.Host}
		if o.TLSVerify {
			e.certs = cmp.Or(o.CertPath, dir)
		}
		return e, nil
	}
	name := o.Context
	if name == "" {
		var config struct{ CurrentContext string }
		if err := readJSON(filepath.Join(dir, "config.json"), &config); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return engineEndpoint{}, err
		}
		name = config.CurrentContext
	}
	if name == "" || name == "default" {
		return engineEndpoint{host: defaultDockerHost}, nil
	}
	return contextEndpoint(dir, name)
}

func (o DockerOptions) configDir() (string, error) {
	if o.ConfigDir != "" {
		return o.ConfigDir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding docker's configuration: %w", err)
	}
	return filepath.Join(home, ".docker"), nil
}

// contextEndpoint reads a docker context (docker/cli, cli/context/store/doc.go): directories are named by the SHA-256 of
// its name.
func contextEndpoint(dir, name string) (engineEndpoint, error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	if err := readJSON(filepath.Join(dir, "contexts", "meta", id, "meta.json"), &meta); err != nil {
		return engineEndpoint{}, problem.New(problem.Failed, "choose another one: docker context use default\n"+noLoadHint,
			"reading docker's context %q: %w", name, err)
	}
	e := engineEndpoint{host: cmp.Or(meta.Endpoints["docker"].Host, defaultDockerHost)}
	certs := filepath.Join(dir, "contexts", "tls", id, "docker")
	if _, err := os.Stat(certs); err == nil {
		e.certs = certs
	}
	return e, nil
}

// newClient returns what speaks HTTP with the Engine, and the URL of its API's root.
func (e engineEndpoint) newClient() (*http.Client, string, error) {
	address, err := url.Parse(e.host)
	if err != nil {
		return nil, "", problem.New(problem.Usage, "write DOCKER_HOST as unix:///PATH or tcp://HOST:PORT", "reading Docker's address: %w",
			err)
	}
	transport := &http.Transport{}
	switch {
	case address.Scheme == "unix":
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", address.Path)
		}
		return &http.Client{Transport: transport}, "http://docker", nil
	case address.Scheme == "tcp" && e.certs == "":
		return &http.Client{Transport: transport}, "http://" + address.Host, nil
	case address.Scheme == "tcp":
		transport.TLSClientConfig, err = clientTLS(e.certs)
		return &http.Client{Transport: transport}, "https://" + address.Host, err
	}
	return nil, "", problem.New(problem.Failed, "set DOCKER_HOST to unix:///PATH or tcp://HOST:PORT\n"+noLoadHint,
		"reading Docker's address: %w", fmt.Errorf("images are not loaded over %s://", address.Scheme))
}

// clientTLS reads the certificates that docker's TLS uses (https://docs.docker.com/engine/security/protect-access).
func clientTLS(dir string) (*tls.Config, error) {
	authority, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return nil, fmt.Errorf("reading Docker's certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("reading Docker's certificate authority: no certificate in %q", filepath.Join(dir, "ca.pem"))
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		return nil, fmt.Errorf("reading the certificate for Docker: %w", err)
	}
	return &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}, nil
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("decoding %q: %w", path, err)
	}
	return nil
}
