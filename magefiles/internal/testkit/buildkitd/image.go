package buildkitd

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	deb "github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// Image gives an Engine an image that does what moby/buildkit does, which cannot be pulled everywhere: the programs of
// the pinned module, Debian's runc, and busybox as its shell.
func Image(ctx context.Context, engine *docker.Engine, ref string) error {
	if err := deb.Install(ctx, []string{"busybox-static", "runc"}, "/bin/busybox", "/usr/sbin/runc"); err != nil {
		return err
	}
	buildctl, err := Buildctl(ctx)
	if err != nil {
		return err
	}
	files := map[string]string{
		"/bin/busybox": "/bin/busybox", "/usr/bin/buildkit-runc": "/usr/sbin/runc",
		"/usr/bin/buildctl": buildctl, "/usr/bin/buildkitd": filepath.Join(filepath.Dir(buildctl), "buildkitd"),
	}
	libraries, err := librariesOf(ctx, "/usr/sbin/runc", "/bin/busybox")
	if err != nil {
		return err
	}
	for _, name := range libraries {
		files[name] = name
	}
	archive, w := io.Pipe()
	cmd := engine.Command(ctx, "import", "-", ref)
	cmd.Stdin = archive
	go func() { w.CloseWithError(pack(w, files)) }()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("importing %s: %w: %s", ref, err, out)
	}
	return nil
}

// librariesOf returns what programs load. A static one loads nothing; a machine may have a busybox of either kind.
func librariesOf(ctx context.Context, programs ...string) ([]string, error) {
	var names []string
	for _, program := range programs {
		out, err := exec.CommandContext(ctx, "ldd", program).CombinedOutput()
		if err != nil && !strings.Contains(string(out), "not a dynamic executable") {
			return nil, fmt.Errorf("finding the libraries of %s: %w: %s", program, err, out)
		}
		names = append(names, regexp.MustCompile(`/\S+\.so\S*`).FindAllString(string(out), -1)...)
	}
	return names, nil
}

// Buildctl compiles BuildKit's own client beside the daemon, which must be there already.
func Buildctl(ctx context.Context) (string, error) {
	o, err := Options("")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(o.BinDir, "buildkit-"+daemon.Version)
	program := filepath.Join(dir, "buildctl")
	modules, err := toolsDir(ctx)
	if err != nil {
		return "", err
	}
	module := toolchain.Module{
		Dir: filepath.Join(modules, "buildkit"), Package: "github.com/moby/buildkit/cmd/buildctl",
		Flags: []string{"-ldflags=-s -w"},
	}
	return program, module.Keep(ctx, program, nil, "")
}

// pack writes a root filesystem with programs and libraries.
func pack(w io.Writer, files map[string]string) error {
	archive := tar.NewWriter(w)
	for _, dir := range []string{"/tmp", "/run", "/var/lib/buildkit"} {
		if err := archive.WriteHeader(&tar.Header{Name: dir, Typeflag: tar.TypeDir, Mode: 0o1777}); err != nil {
			return err
		}
	}
	for _, name := range []string{"sh", "nproc", "cat", "sleep"} {
		if err := archive.WriteHeader(&tar.Header{
			Name: path.Join("/bin", name), Typeflag: tar.TypeSymlink,
			Linkname: "busybox",
		}); err != nil {
			return err
		}
	}
	for name, source := range files {
		data, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: 0o755, Size: int64(len(data))}); err != nil {
			return err
		}
		if _, err := archive.Write(data); err != nil {
			return err
		}
	}
	return archive.Close()
}
