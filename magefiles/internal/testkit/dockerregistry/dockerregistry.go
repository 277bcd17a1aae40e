// Package dockerregistry runs Debian's docker-registry (distribution, version 2) as a process of its own, with passwords.
// It listens on loopback only.
package dockerregistry

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// command is the program, and the Debian package that has it.
const command = "docker-registry"

// Server is a running registry.
type Server struct {
	addr string
	dir  string
	cmd  *exec.Cmd
	done chan struct{} // closed when nothing is left to read of what it says
}

// Install finds the program and installs its Debian package where it is missing.
func Install(ctx context.Context, say toolchain.Say) error {
	if _, err := exec.LookPath(command); err == nil {
		return nil
	}
	return toolchain.Apt(ctx, say, "", command)
}

// Start runs the program until Close, and waits until it listens. User may do everything, others nothing.
func Start(ctx context.Context, user, password string) (*Server, error) {
	dir, err := os.MkdirTemp("", "docker-registry-")
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", command, err)
	}
	s := &Server{dir: dir, done: make(chan struct{})}
	if err := s.start(ctx, user, password); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", command, err), os.RemoveAll(dir))
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, user, password string) error {
	config, err := s.configure(user, password)
	if err != nil {
		return err
	}
	s.cmd = exec.Command(command, "serve", config) //nolint:noctx // it outlives the context of its start
	s.cmd.WaitDelay = 10 * time.Second
	said, err := s.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	listening := make(chan string, 1)
	go s.listen(said, listening)
	select {
	case addr, ok := <-listening:
		if !ok {
			return errors.Join(errors.New("it ended before it listened"), s.cmd.Wait())
		}
		s.addr = addr
		return nil
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), s.stop())
	}
}

// configure writes what the program reads: Debian's own configuration is for the whole machine.
func (s *Server) configure(user, password string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return "", err
	}
	users, config := filepath.Join(s.dir, "htpasswd"), filepath.Join(s.dir, "config.yml")
	text := fmt.Sprintf(`version: 0.1
log: { level: info, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: %q }, delete: { enabled: true }, maintenance: { uploadpurging: { enabled: false } } }
auth: { htpasswd: { realm: registry, path: %q } }
http: { addr: "127.0.0.1:0" }
`, filepath.Join(s.dir, "data"), users)
	return config, errors.Join(os.WriteFile(users, []byte(user+":"+string(hash)+"\n"), 0o600), os.WriteFile(config, []byte(text), 0o600))
}

var listens = regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)

// listen reads all that the program says, and tells where it listens.
func (s *Server) listen(said io.Reader, listening chan<- string) {
	defer close(s.done)
	defer close(listening)
	found := false
	for lines := bufio.NewScanner(said); lines.Scan(); {
		match := listens.FindStringSubmatch(strings.TrimSpace(lines.Text()))
		if match != nil && !found {
			found = true
			listening <- match[1]
		}
	}
	_, _ = io.Copy(io.Discard, said) // after a line that is too long: a full pipe would stop the program
}

// Addr is host:port, the first part of an image reference.
func (s *Server) Addr() string { return s.addr }

// Close ends the program and removes the content.
func (s *Server) Close() error { return errors.Join(s.stop(), os.RemoveAll(s.dir)) }

func (s *Server) stop() error {
	if err := s.cmd.Process.Kill(); err != nil {
		return err
	}
	<-s.done
	_ = s.cmd.Wait() // always an error: it was killed
	return nil
}
