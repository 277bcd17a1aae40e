package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

// daemons builds 64 small components on one, two and three daemons, each of which has one core.
func (w *workload) daemons(ctx context.Context) (rows []Row, err error) {
	pinned := make([]*pinned, 3)
	defer func() {
		for _, p := range pinned {
			err = errors.Join(err, p.stop())
		}
	}()
	for i := range pinned {
		if pinned[i], err = pinDaemon(ctx, w, i); err != nil {
			return nil, err
		}
	}
	for count := 1; count <= len(pinned); count++ {
		var hosts []string
		for _, p := range pinned[:count] {
			hosts = append(hosts, p.address)
		}
		f := &fresh{w: w, shape: shape{components: 64, files: 5}}
		empty := prepare(func(ctx context.Context) error { return pruneHosts(ctx, w, hosts) })
		watched := &watched{daemons: pinned[:count], run: func(ctx context.Context) (used, error) {
			c := w.mage(f.now.dir, "build")
			c.environ = append(c.environ, "BUILDKIT_HOST="+strings.Join(hosts, ","))
			return c.run(ctx)
		}}
		samples, err := measure(ctx, 3, side{ours, []step{f.step(), empty, timed("build", watched.measured)}})
		if err != nil {
			return nil, err
		}
		rows = append(rows, Row{
			Case: fmt.Sprintf("first build of 64 small components on %d daemon(s) of one core", count), Ours: samples[ours]["build"],
			Note: fmt.Sprintf("falls as cores allow, %d here; the slowest run: %s", runtime.NumCPU(), watched.slowest),
		})
	}
	return rows, nil
}

// pruneHosts empties the caches of daemons.
func pruneHosts(ctx context.Context, w *workload, hosts []string) error {
	var errs []error
	for _, host := range hosts {
		errs = append(errs, command{environ: w.environ, args: []string{w.buildctl, "--addr", host, "prune", "--all"}}.do(ctx))
	}
	return errors.Join(errs...)
}

// watched is a run that says where its time went: in a daemon, or in what the machine did beside.
type watched struct {
	daemons []*pinned
	run     func(context.Context) (used, error)
	wall    time.Duration
	slowest string
}

func (w *watched) measured(ctx context.Context) (used, error) {
	before, began, err := w.now()
	if err != nil {
		return used{}, err
	}
	u, err := w.run(ctx)
	if err != nil || u.wall < w.wall {
		return u, err
	}
	after, ended, err := w.now()
	if err != nil {
		return u, err
	}
	parts := []string{fmt.Sprintf("%.1f s", u.wall.Seconds())}
	for i := range after {
		parts = append(parts, fmt.Sprintf("daemon %d %s", i+1, after[i].minus(before[i])))
	}
	parts = append(parts, fmt.Sprintf("%.1f s stolen by the host, %.1f s idle for disks", (ended.stolen-began.stolen).Seconds(),
		(ended.disk-began.disk).Seconds()))
	w.wall, w.slowest = u.wall, strings.Join(parts, ", ")
	return u, nil
}

func (w *watched) now() (daemons []processor, all machine, err error) {
	for _, d := range w.daemons {
		p, err := processorOf(d.cmd.Process.Pid)
		if err != nil {
			return nil, all, err
		}
		daemons = append(daemons, p)
	}
	all, err = machineNow()
	return daemons, all, err
}

// pinned is a daemon on one core.
type pinned struct {
	address string
	cmd     *exec.Cmd
	ended   chan struct{}
}

func pinDaemon(ctx context.Context, w *workload, i int) (*pinned, error) {
	dir := filepath.Join(w.options.Dir, fmt.Sprintf("daemon%d", i))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("starting a daemon: %w", err)
	}
	buildkitd := filepath.Join(w.options.Cache, "bin", "buildkit-"+daemon.Version, "buildkitd")
	p := &pinned{address: "unix://" + filepath.Join(dir, "s"), ended: make(chan struct{})}
	config := fmt.Sprintf("root = %q\n[grpc]\n  address = [ %q ]\n[otel]\n  socketPath = %q\n[history]\n  maxEntries = 0\n"+
		"[worker.containerd]\n  enabled = false\n[worker.oci]\n  networkMode = \"host\"\n",
		filepath.Join(dir, "root"), p.address, filepath.Join(dir, "o"))
	file := filepath.Join(dir, "buildkitd.toml")
	if err := write(file, config); err != nil {
		return nil, err
	}
	core := fmt.Sprint(i % runtime.NumCPU())
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), "taskset", "--cpu-list", core, buildkitd, "--config", file)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a daemon: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ends says nothing
		close(p.ended)
	}()
	c, err := client.New(ctx, p.address)
	if err != nil {
		return p, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("the daemon does not answer"))
	defer cancel()
	return p, errors.Join(c.Wait(limited), c.Close())
}

func (p *pinned) stop() error {
	if p == nil || p.cmd.Process == nil {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping a daemon: %w", err)
	}
	<-p.ended
	return nil
}
