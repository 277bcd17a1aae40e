package daemon_test

import (
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	deb "github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// TestOrdinaryUserHasADaemon runs this test binary as a user without rights.
func TestOrdinaryUserHasADaemon(t *testing.T) {
	const variable = "ASTRAGO_TEST_ROOTLESS"
	if dir := os.Getenv(variable); dir != "" {
		ordinaryUser(t, dir)
		return
	}
	sharedDaemon.Connection(t) // buildkitd is compiled
	if err := deb.Install(t.Context(), []string{"uidmap", "passwd"}, "/usr/bin/newuidmap", "/usr/sbin/useradd"); err != nil {
		deb.Require(t, err)
	}
	dir, err := os.MkdirTemp("", "rootless") //nolint:usetesting // every directory above it can be entered
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	account := newUser(t, dir)
	o, err := buildkitd.Options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "cp", "-r", o.BinDir+"/buildkit-"+daemon.Version, os.Args[0], dir)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	tools, _ := o.ToolsDir(t.Context())
	rootlesskit := toolchain.Module{
		Dir: filepath.Join(tools, "rootlesskit"), Package: "github.com/rootless-containers/rootlesskit/v2/cmd/rootlesskit", Flags: []string{"-ldflags=-s -w"},
	}
	path := filepath.Join(dir, "rootlesskit-"+daemon.RootlesskitVersion, "rootlesskit")
	if err := rootlesskit.Keep(t.Context(), path, nil, "run the test again"); err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, uid, gid)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, filepath.Base(os.Args[0])), "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "CI=" + os.Getenv("CI"), variable + "=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	buildkitd.WaitFor(t, "the daemon to be gone", func() bool { return len(buildkitd.Processes(dir)) == 0 })
}

// newUser makes an account, with ids below it (subuid(5)), for as long as the test.
func newUser(t *testing.T, home string) *user.User {
	t.Helper()
	const name = "astragotest"
	_ = exec.CommandContext(t.Context(), "userdel", name).Run() // of a killed test
	if out, err := exec.CommandContext(t.Context(), "useradd", "--no-create-home", "--home-dir", home, name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("userdel", "--force", name).Run() })
	account, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func ordinaryUser(t *testing.T, dir string) {
	t.Helper()
	cache := filepath.Join(dir, "cache")
	buildkitd.StopWithTest(t, cache)
	for _, why := range []string{"none was running, so astrago-ci started one", "a daemon started by astrago-ci is running on this machine"} {
		c, err := daemon.Connect(t.Context(), daemon.Options{CacheDir: cache, BinDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if c.Why != why || !c.Local {
			t.Errorf("the daemon is %+v", c)
		}
		buildkitd.CloseAll(t, c)
	}
}
