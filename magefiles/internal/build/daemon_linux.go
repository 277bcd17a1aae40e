package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const (
	startTimeout = time.Minute      // for a daemon to answer; it opens its databases first
	stopTimeout  = 15 * time.Second // for a daemon to end its steps and close its databases
)

// daemon is a running buildkitd.
type daemon struct {
	process *os.Process
	log     string
	socket  string
	exited  chan struct{} // closed when the process has been reaped
}

// withProc runs a command with a /proc of its own PID namespace, in which runc looks for the processes that it starts.
const withProc = `mount -t proc proc /proc && exec "$0" "$@"`

// startDaemon starts buildkitd. It does not outlive this process, however that ends; terminal signals do not reach it, as
// it is still needed to cancel builds properly. It is the first process of a PID namespace, with which the kernel ends
// all others in it (pid_namespaces(7)), and has mounts of its own: no build step and no mount is left behind either.
func startDaemon(dir daemonDir, sockets string, t tools) (*daemon, error) {
	config := dir.file("buildkitd.toml")
	if err := replaceFile(config, daemonConfig(dir, sockets, t.runc), 0o600); err != nil {
		return nil, fmt.Errorf("writing the BuildKit daemon's configuration: %w", err)
	}
	socket := filepath.Join(sockets, daemonSocket)
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("removing a dead daemon's socket: %w", err)
	}
	log, err := os.OpenFile(dir.log(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("creating the BuildKit daemon's log: %w", err)
	}
	defer log.Close()

	cmd := exec.Command("/bin/sh", "-c", withProc, t.buildkitd, "--config", config) //nolint:noctx // it outlives the context that asks for it; stop ends it
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(kv string) bool { return !daemonNeeds(kv) })
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:      true,
		Pdeathsig:    syscall.SIGKILL, // its databases survive that; a step that is just starting would survive less
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS,
	}
	d := &daemon{log: dir.log(), socket: socket, exited: make(chan struct{})}
	started := make(chan error, 1)
	go d.run(cmd, started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %q: %w", t.buildkitd, err)
	}
	d.process = cmd.Process
	return d, nil
}

// run keeps its thread for as long as the daemon lives: the kernel sends the parent-death signal when the thread that
// started a process ends (prctl(2), PR_SET_PDEATHSIG), and the Go runtime ends idle threads.
func (d *daemon) run(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(d.exited)
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait() // stopping it is how it ends; if it dies before, its log says why
	}
}

// daemonNeeds reports whether the daemon gets an environment variable. Ours holds tokens, which are none of its business.
func daemonNeeds(kv string) bool {
	name, _, _ := strings.Cut(kv, "=")
	switch strings.ToUpper(name) {
	case "PATH", "HOME", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR":
		return true
	}
	return false
}

// ready waits until the daemon answers.
func (d *daemon) ready(ctx context.Context, address string) (*Connection, error) {
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); {
		if listening(address) {
			c, err := dial(ctx, address)
			if err == nil {
				return c, os.Chmod(d.socket, 0o600)
			}
		}
		select {
		case <-d.exited:
			return nil, d.problem("has ended")
		default:
		}
		if err := sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
	}
	return nil, d.problem("has not answered within %s", startTimeout)
}

func (d *daemon) problem(format string, args ...any) error {
	return problem.New(problem.Failed, "read "+d.log, "starting the BuildKit daemon: it %s; its log ends with:\n%s",
		fmt.Sprintf(format, args...), logTail(d.log, 10))
}

// stop ends the daemon and waits for that: first asking it, then killing its process group.
func (d *daemon) stop() error {
	if err := d.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping the BuildKit daemon: %w", err)
	}
	select {
	case <-d.exited:
		return nil
	case <-time.After(stopTimeout):
	}
	if err := syscall.Kill(-d.process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("killing the BuildKit daemon: %w", err)
	}
	<-d.exited
	return nil
}

// checkPrivate makes sure that a directory is ours alone.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("checking the BuildKit daemon's directory: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Geteuid() {
		return problem.New(problem.Failed, "remove "+dir, "using %q for the BuildKit daemon: it belongs to somebody else", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("closing the BuildKit daemon's directory to others: %w", err)
	}
	return nil
}
