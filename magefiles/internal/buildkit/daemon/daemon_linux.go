package daemon

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/atomicfile"
	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// stopTimeout is for a supervisor to end its daemon.
const stopTimeout = 20 * time.Second

// superviseScript stays with the daemon and ends it when it is idle.
//
//go:embed supervise.sh
var superviseScript string

// ownProcess is a supervisor that this process has started.
type ownProcess struct {
	dir    stateDir
	pid    int
	exited chan struct{} // closed when it has been reaped
}

// startDaemon starts buildkitd below a supervisor, which outlives this process and holds the owner's lock. Terminal signals
// reach neither. They are in a PID namespace of their own, with which the kernel ends all others in it
// (pid_namespaces(7)), and have mounts of their own: no build step and no mount is ever left behind.
func startDaemon(dir stateDir, sockets string, t toolPaths, settings Settings, owner *os.File) (*ownProcess, error) {
	if err := writeConfig(dir, sockets, t, settings); err != nil {
		return nil, fmt.Errorf("writing the BuildKit daemon's configuration: %w", err)
	}
	if err := os.Remove(filepath.Join(sockets, daemonSocket)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("removing a dead daemon's socket: %w", err)
	}
	reserveSpace(dir.filePath("reserve"))
	log, err := os.OpenFile(dir.logPath(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("creating the BuildKit daemon's log: %w", err)
	}
	defer log.Close()

	cmd := superviseCommand(dir, sockets, t, settings)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{owner}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %q: %w", cmd.Path, err)
	}
	p := &ownProcess{dir: dir, pid: cmd.Process.Pid, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // if it dies before it is up, its log says why
		close(p.exited)
	}()
	return p, nil
}

// writeConfig writes what the daemon reads, and by which settings of registries it is known.
func writeConfig(dir stateDir, sockets string, t toolPaths, settings Settings) error {
	config, err := daemonConfig(dir.filePath("root"), sockets, t.runc, t.isRootless(), settings)
	if err != nil {
		return err
	}
	sum, err := registriesSum(settings.Registries)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteData(dir.filePath("buildkitd.toml"), atomicfile.Options{Mode: 0o600}, config); err != nil {
		return err
	}
	return atomicfile.WriteData(dir.registriesPath(), atomicfile.Options{Mode: 0o600}, []byte(sum))
}

// superviseCommand is the command line of a supervisor: as root in namespaces of its own, else below rootlesskit.
func superviseCommand(dir stateDir, sockets string, t toolPaths, settings Settings) *exec.Cmd {
	args := []string{
		"/bin/sh", "-c", superviseScript, "supervise", dir.usersLock(),
		strconv.Itoa(int(settings.idleTime().Seconds())), strconv.FormatFloat(settings.pollTime().Seconds(), 'f', 3, 64),
		t.buildkitd, "--config", dir.filePath("buildkitd.toml"),
	}
	attributes := &syscall.SysProcAttr{Setsid: true}
	if t.isRootless() {
		args = append([]string{t.rootlesskit, "--pidns", "--state-dir=" + filepath.Join(sockets, rootlessDir)}, args...)
	} else {
		attributes.Cloneflags, attributes.Unshareflags = syscall.CLONE_NEWPID, syscall.CLONE_NEWNS
	}
	environ := append(slices.Clone(settings.Traces), "XDG_RUNTIME_DIR="+sockets) // where a rootless runc keeps its state
	cmd := procgroup.Daemon(args, environ...)
	cmd.Dir = "/"
	cmd.SysProcAttr = attributes
	return cmd
}

// awaitReady waits until the daemon answers.
func (p *ownProcess) awaitReady(ctx context.Context, address string) (*Connection, error) {
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); {
		if isListening(address) {
			c, err := dialAddress(ctx, address)
			if err == nil {
				return c, os.Chmod(strings.TrimPrefix(address, "unix://"), 0o600)
			}
		}
		select {
		case <-p.exited:
			return nil, p.startProblem("has ended")
		default:
		}
		if err := backoff.Sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
	}
	return nil, p.startProblem("has not answered within %s", startTimeout)
}

func (p *ownProcess) startProblem(format string, args ...any) error {
	return problem.New(problem.Failed, "read "+p.dir.logPath(), "starting the BuildKit daemon: it %s; its log ends with:\n%s",
		fmt.Sprintf(format, args...), logTail(p.dir.logPath(), 10))
}
