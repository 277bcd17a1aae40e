// Package baseimage makes an image that Dockerfiles of tests and of the demo can start from and run steps in, from a static
// binary that is compiled here, so that nothing is pulled.
package baseimage

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

//go:embed toolbox/main.go
var source []byte

// Programs are the names below /bin.
func Programs() []string {
	return []string{"sh", "true", "echo", "warn", "mkdir", "rm", "cat", "copy", "write", "append", "sleep", "count", "agent"}
}

// Binary compiles the toolbox for Linux on this machine's processor and gives its path below cacheDir, where it is kept
// for as long as its source stays the same.
func Binary(ctx context.Context, cacheDir string) (string, error) {
	sum := sha256.Sum256(source)
	path := filepath.Join(cacheDir, "toolbox-"+runtime.GOARCH+"-"+hex.EncodeToString(sum[:8]))
	return path, toolchain.Keep(ctx, path, func(temporary string) error { return compile(ctx, temporary) })
}

func compile(ctx context.Context, path string) error {
	dir := filepath.Dir(path)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), source, 0o644); err != nil {
		return fmt.Errorf("writing the toolbox's source: %w", err)
	}
	args := append([]string{"build", "-ldflags=-s -w -buildid=", "-o", path}, toolchain.BuildFlags()...)
	cmd := exec.CommandContext(ctx, "go", append(args, "main.go")...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the toolbox: %w: %s", err, output)
	}
	return nil
}

// Image is the base image around a toolbox binary: one layer with /bin and /tmp. The same binary gives the same digest.
func Image(binary string) (v1.Image, error) {
	data, err := os.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("reading the toolbox: %w", err)
	}
	root, err := rootfs(data)
	if err != nil {
		return nil, fmt.Errorf("packing the base image: %w", err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(root)), nil })
	if err != nil {
		return nil, fmt.Errorf("packing the base image: %w", err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, fmt.Errorf("packing the base image: %w", err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("packing the base image: %w", err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Config.Env = []string{"PATH=/bin"}
	return mutate.ConfigFile(img, file)
}

func rootfs(toolbox []byte) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	headers := []*tar.Header{
		{Name: "bin/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
		{Name: "bin/toolbox", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(toolbox))},
	}
	for _, name := range Programs() {
		headers = append(headers, &tar.Header{Name: "bin/" + name, Typeflag: tar.TypeSymlink, Linkname: "toolbox", Mode: 0o777})
	}
	for _, h := range headers {
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write(toolbox); err != nil {
				return nil, err
			}
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
