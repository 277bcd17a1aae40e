// Package docker gives tests and benchmarks a real Docker Engine: Debian's, with state of its own, on a socket of its own,
// that leaves this machine's network alone.
package docker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

// Debian's programs; another client may come before on the PATH.
const (
	client = "/usr/bin/docker"
	server = "/usr/sbin/dockerd"
)

// Engine is a running dockerd.
type Engine struct {
	Socket string // path of the socket of its API

	dir     string
	process *daemon.Process
}

// Start installs docker.io if it is missing and starts an Engine. What it keeps is below the temporary directory, until
// Stop. Containers and build steps that want a network share the host's (--network=host), in which registries on loopback
// are; there is no bridge.
func Start(ctx context.Context) (*Engine, error) {
	if err := daemon.Install(ctx, []string{"docker.io", "iptables"}, client, server); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "docker")
	if err != nil {
		return nil, fmt.Errorf("starting dockerd: %w", err)
	}
	e := &Engine{Socket: filepath.Join(dir, "docker.sock"), dir: dir}
	// Neither the client nor the server reads the configuration of this machine's own Docker.
	if err := errors.Join(os.Mkdir(e.config(), 0o700), os.WriteFile(e.file("daemon.json"), []byte("{}"), 0o600)); err != nil {
		return nil, errors.Join(fmt.Errorf("starting dockerd: %w", err), os.RemoveAll(dir))
	}
	e.process, err = daemon.Start(ctx, daemon.Options{
		Path: server,
		Args: []string{
			"--host=" + e.Host(), "--data-root=" + e.file("data"), "--exec-root=" + e.file("exec"),
			"--pidfile=" + e.file("docker.pid"), "--config-file=" + e.file("daemon.json"),
			"--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
		},
		Log:   e.Log(),
		Ready: e.ping,
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return e, nil
}

// Stop ends the Engine with all its containers and removes what it kept.
func (e *Engine) Stop() error { return errors.Join(e.process.Stop(), os.RemoveAll(e.dir)) }

// Host is the Engine's address in the form of DOCKER_HOST.
func (e *Engine) Host() string { return "unix://" + e.Socket }

// Log is the file with what dockerd says.
func (e *Engine) Log() string { return e.file("dockerd.log") }

// Command is Debian's docker command for this Engine, with BuildKit as its builder and a configuration of its own.
func (e *Engine) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, client, args...)
	cmd.Env = append(cmd.Environ(), e.Environ()...)
	return cmd
}

// Environ returns the variables that Command adds to the environment, for scripts that call docker themselves: they find Debian's first.
func (e *Engine) Environ() []string {
	return []string{
		"DOCKER_HOST=" + e.Host(), "DOCKER_CONFIG=" + e.config(), "DOCKER_BUILDKIT=1", "DOCKER_CONTEXT=", "DOCKER_TLS_VERIFY=",
		"PATH=" + filepath.Dir(client) + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
}

func (e *Engine) config() string { return e.file("config") }

func (e *Engine) file(name string) string { return filepath.Join(e.dir, name) }

// ping asks whether the API answers (https://docs.docker.com/reference/api/engine/version/v1.41/#operation/SystemPing).
func (e *Engine) ping(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/_ping", http.NoBody)
	if err != nil {
		return err
	}
	transport := &http.Transport{DialContext: daemon.DialUnix(e.Socket), DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
