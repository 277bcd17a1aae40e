package registry

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image makes a Linux image of this machine's architecture with one layer of the files (path to content, all executable).
// The same files make the same digest.
func Image(files map[string][]byte) (v1.Image, error) {
	content, err := archive(files)
	if err != nil {
		return nil, fmt.Errorf("making a layer: %w", err)
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	layer, err := tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, fmt.Errorf("making a layer: %w", err)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, fmt.Errorf("making an image: %w", err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("making an image: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	return mutate.ConfigFile(image, config)
}

// PushBase makes an Image and pushes it to host:port/repository:tag, with go-containerregistry and not with the code
// under test. No user means no authentication. It returns the manifest's digest.
func PushBase(ctx context.Context, ref string, files map[string][]byte, user, password string) (string, error) {
	image, err := Image(files)
	if err != nil {
		return "", err
	}
	return Push(ctx, ref, image, user, password)
}

// Push pushes an image as PushBase does.
func Push(ctx context.Context, ref string, image v1.Image, user, password string) (string, error) {
	tag, err := name.NewTag(ref, name.StrictValidation, name.Insecure)
	if err == nil {
		err = remote.Write(tag, image, options(ctx, user, password)...)
	}
	if err != nil {
		return "", fmt.Errorf("pushing %q: %w", ref, err)
	}
	digest, err := image.Digest()
	return digest.String(), err
}

// PushIndex pushes an index with all of its images as PushBase does.
func PushIndex(ctx context.Context, ref string, index v1.ImageIndex, user, password string) error {
	tag, err := name.NewTag(ref, name.StrictValidation, name.Insecure)
	if err == nil {
		err = remote.WriteIndex(tag, index, options(ctx, user, password)...)
	}
	if err != nil {
		return fmt.Errorf("pushing %q: %w", ref, err)
	}
	return nil
}

// Pull gets an image as PushBase pushes it.
func Pull(ctx context.Context, ref, user, password string) (v1.Image, error) {
	tag, err := name.ParseReference(ref, name.StrictValidation, name.Insecure)
	if err != nil {
		return nil, fmt.Errorf("pulling %q: %w", ref, err)
	}
	image, err := remote.Image(tag, options(ctx, user, password)...)
	if err != nil {
		return nil, fmt.Errorf("pulling %q: %w", ref, err)
	}
	return image, nil
}

func options(ctx context.Context, user, password string) []remote.Option {
	auth := authn.Anonymous
	if user != "" {
		auth = &authn.Basic{Username: user, Password: password}
	}
	return []remote.Option{remote.WithContext(ctx), remote.WithAuth(auth)}
}

// archive writes a tar with each file and the directories above it, sorted and without times.
func archive(files map[string][]byte) ([]byte, error) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	for _, dir := range directories(files) {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}); err != nil {
			return nil, err
		}
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: strings.Trim(file, "/"), Mode: 0o755, Size: int64(len(files[file]))}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(files[file]); err != nil {
			return nil, err
		}
	}
	return buffer.Bytes(), w.Close()
}

func directories(files map[string][]byte) []string {
	seen := map[string]bool{}
	for file := range files {
		for dir := path.Dir(strings.Trim(file, "/")); dir != "."; dir = path.Dir(dir) {
			seen[dir] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)) // a directory sorts before what is in it
}
