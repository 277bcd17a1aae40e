package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Process is a running daemon.
type Process struct {
	cmd    *exec.Cmd
	name   string
	exited chan struct{} // closed when it has been reaped
}

// withProc runs a command with a /proc of its own PID namespace, in which runc looks for the processes that it starts.
const withProc = `mount -t proc proc /proc && exec "$0" "$@"`

// Start starts a daemon and waits until it is ready. It does not outlive this process, however that ends, and nothing
// that it started or mounted outlives it: it is the first process of a PID namespace, with which the kernel ends all
// others in it (pid_namespaces(7)), and has mounts of its own.
func Start(ctx context.Context, o Options) (*Process, error) {
	name := filepath.Base(o.Path)
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("starting %s: it needs root", name)
	}
	log, err := os.Create(o.Log)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	defer log.Close()
	args := append([]string{"-c", withProc, o.Path}, o.Args...)
	cmd := exec.Command("/bin/sh", args...) //nolint:noctx // it outlives the context that asks for it; Stop ends it
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:      true, // Ctrl-C is for the tests
		Pdeathsig:    syscall.SIGKILL,
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS,
	}
	p := &Process{cmd: cmd, name: name, exited: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	if err := p.await(ctx, o); err != nil {
		return nil, errors.Join(err, p.kill()) // what has not handled signals yet ignores them, as first process
	}
	return p, nil
}

// run keeps its thread for as long as the daemon lives: the kernel sends the parent-death signal when the thread that
// started a process ends (prctl(2), PR_SET_PDEATHSIG), and the Go runtime ends idle threads.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.exited)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // it ends by being stopped; if it dies before, its log says why
	}
}

// await asks the daemon until it is ready.
func (p *Process) await(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := o.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("starting %s: it has ended; its log ends with:\n%s", p.name, logTail(o.Log))
		case <-ctx.Done():
			return fmt.Errorf("starting %s: %w; its log ends with:\n%s", p.name, err, logTail(o.Log))
		case <-time.After(pollInterval):
		}
	}
}

// Stop ends the daemon and waits for that: first asking it, then killing it.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping %s: %w", p.name, err)
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopTimeout):
		return p.kill()
	}
}

func (p *Process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing %s: %w", p.name, err)
	}
	<-p.exited
	return nil
}
