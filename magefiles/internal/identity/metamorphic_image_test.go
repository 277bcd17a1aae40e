package identity_test

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// product builds the image from the working tree by the product.
func (w *world) product(o identity.Options, f identity.Fingerprint) (plainImage, error) {
	dir := w.t.TempDir()
	options := build.Options{
		Connect: build.Connected(daemon.Connection(w.t)), Layout: filepath.Join(dir, "images"), Logs: filepath.Join(dir, "logs"), Display: build.Display{W: io.Discard},
		Files: o.Files, Fingerprints: map[string]identity.Fingerprint{w.image.Component: f},
	}
	p := plan.Plan{Service: "shop", Created: w.epoch, Commit: source.Commit{Root: w.root, SHA: "a1"}, Images: []plan.Image{w.image}}
	images, err := build.Run(w.t.Context(), p, options)
	if err != nil {
		return plainImage{}, err
	}
	if key := images[0].Fingerprint.Key; key != f.Key && f.Key != "" {
		return plainImage{}, fmt.Errorf("the daemon's key is %s, and the check's %s: %q", key, f.Key, identity.Explain(f.Tree, images[0].Fingerprint.Tree))
	}
	return readLayout(options.Layout)
}

// readLayout reads the one image of a layout as the oracle does.
func readLayout(dir string) (plainImage, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return plainImage{}, err
	}
	manifests, err := index.IndexManifest()
	if err != nil {
		return plainImage{}, err
	}
	root := manifests.Manifests[0]
	if !root.MediaType.IsIndex() {
		image, err := index.Image(root.Digest)
		if err != nil {
			return plainImage{}, err
		}
		return flatten("", image)
	}
	inner, err := index.ImageIndex(root.Digest)
	if err == nil {
		manifests, err = inner.IndexManifest()
	}
	if err != nil {
		return plainImage{}, err
	}
	var files, configs []string
	for _, desc := range manifests.Manifests {
		image, err := inner.Image(desc.Digest)
		if err != nil {
			return plainImage{}, err
		}
		flat, err := flatten(desc.Platform.OS+"_"+desc.Platform.Architecture, image) // as BuildKit names the directory
		if err != nil {
			return plainImage{}, err
		}
		files, configs = append(files, strings.Split(flat.files, "\n")...), append(configs, flat.config)
	}
	slices.Sort(configs)
	slices.Sort(files)
	return plainImage{strings.Join(files, "\n"), strings.Join(configs, "\n")}, nil
}

func flatten(platform string, image v1.Image) (plainImage, error) {
	raw, err := image.RawConfigFile()
	if err != nil {
		return plainImage{}, err
	}
	config, err := plainConfig(raw)
	if err != nil {
		return plainImage{}, err
	}
	archive := mutate.Extract(image)
	defer archive.Close()
	files, err := list(archive)
	if platform != "" {
		files = platform + fmt.Sprintf(" %c 755 0:0  %x\n", tar.TypeDir, sha256.New().Sum(nil)[:8]) + prefixed(platform+"/", files)
	}
	return plainImage{files, config}, err
}

func prefixed(prefix, lines string) string {
	if lines == "" {
		return ""
	}
	return prefix + strings.ReplaceAll(lines, "\n", "\n"+prefix)
}

// list writes a tar as lines: paths, modes, owners, links and contents.
func list(r io.Reader) (string, error) {
	files := map[string]string{}
	archive := tar.NewReader(r)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, r)
			return "", err
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, archive); err != nil {
			return "", err
		}
		files[strings.Trim(header.Name, "/")] = fmt.Sprintf("%c %o %d:%d %s %x", header.Typeflag, header.Mode&0o7777, header.Uid, header.Gid, header.Linkname, hash.Sum(nil)[:8])
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != "" {
			lines = append(lines, name+" "+files[name])
		}
	}
	slices.Sort(lines)
	_, err := io.Copy(io.Discard, r)
	return strings.Join(lines, "\n"), err
}
