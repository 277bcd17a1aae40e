package imageload_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageload"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// nowhere names sockets that are not there.
func nowhere(t *testing.T) imageload.Options {
	t.Helper()
	dir := t.TempDir()
	return imageload.Options{
		Docker:     imageload.DockerOptions{Host: "unix://" + filepath.Join(dir, "docker.sock"), ConfigDir: dir},
		Containerd: imageload.ContainerdOptions{Address: filepath.Join(dir, "containerd.sock")},
	}
}

func TestAutoTakesWhatAnswers(t *testing.T) {
	docker, containerd := dockerOptions(t).Docker, containerdOptions(t, "").Containerd
	for want, o := range map[string]imageload.Options{
		"Docker 20.":  {Docker: docker, Containerd: containerd},
		"containerd ": {Docker: nowhere(t).Docker, Containerd: containerd},
	} {
		o.Loader = config.LoaderAuto
		if target := find(t, o); !strings.HasPrefix(target.String(), want) {
			t.Errorf("%s, want %s", target, want)
		}
	}
}

func TestNoTargetSaysWhy(t *testing.T) {
	workflow := imageload.Options{Loader: config.LoaderAuto, Workflow: true}
	for want, o := range map[string]imageload.Options{
		"no Docker (no such file or directory) and no containerd (no such file or directory)": nowhere(t),
		"load: none":                             {Loader: config.LoaderNone},
		"load: auto loads nothing in a workflow": workflow,
	} {
		if target, reason, err := imageload.Find(t.Context(), o); target != nil || reason != want || err != nil {
			t.Errorf("target %v, reason %q, error %v, want %q", target, reason, err, want)
		}
	}
}

// TestASocketOfOthers asks as a user who may not use the socket: this test, run once more by the user nobody.
func TestASocketOfOthers(t *testing.T) {
	if socket := os.Getenv("LOAD_TEST_SOCKET"); socket != "" {
		_, _, err := imageload.Find(t.Context(), imageload.Options{
			Loader: config.LoaderDocker, Docker: imageload.DockerOptions{Host: "unix://" + socket, ConfigDir: "/none"},
		})
		if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "asking Docker at unix://"+socket) || !strings.Contains(p.Error(), "permission denied") || !strings.Contains(p.Remedy, "usermod -aG docker") {
			t.Errorf("error %v", err)
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	dir, err := os.MkdirTemp("", "load") //nolint:usetesting // another user must be able to enter every directory above it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // nobody is to come as far as the socket
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(dir, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	if err := os.Chmod(filepath.Join(dir, "docker.sock"), 0o660); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "test"), binary, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "test"), "-test.run=^TestASocketOfOthers$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LOAD_TEST_SOCKET="+filepath.Join(dir, "docker.sock"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}
