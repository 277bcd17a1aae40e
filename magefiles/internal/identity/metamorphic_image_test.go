package identity_test

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// product builds the image from the working tree by the product.
func (w *world) product(o identity.Options, f identity.Fingerprint) (plainImage, error) {
	dir := w.t.TempDir()
	options := buildkit.Options{
		Connect: buildkitd.Connected(daemon.Connection(w.t)), Display: progress.Display{W: io.Discard},
		Layout: filepath.Join(dir, "images"), Logs: filepath.Join(dir, "logs"),
		Files: o.Files, Fingerprints: map[component.Name]identity.Fingerprint{w.image.Component: f},
	}
	p := plan.Plan{Service: "shop", Created: w.epoch, Commit: git.Commit{Root: w.root, SHA: "a1"}, Images: []plan.Image{w.image}}
	images, err := buildkit.Run(w.t.Context(), p, options)
	if err != nil {
		return plainImage{}, err
	}
	if key := images[0].Fingerprint.Key; key != f.Key && f.Key != "" {
		why := identity.Explain(f.Tree, images[0].Fingerprint.Tree)
		return plainImage{}, fmt.Errorf("the daemon's key is %s, and the check's %s: %q", key, f.Key, why)
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
	layers, err := image.Layers()
	if err != nil {
		return plainImage{}, err
	}
	tree := map[string]string{}
	for _, layer := range layers { // go-containerregistry's own Extract leaves out links that lead out of the root
		content, err := layer.Uncompressed()
		if err == nil {
			err = addEntries(tree, content)
		}
		if err != nil {
			return plainImage{}, err
		}
	}
	files := sorted(tree)
	if platform != "" {
		files = platform + fmt.Sprintf(" %c 755 0:0  %x\n", tar.TypeDir, sha256.New().Sum(nil)[:8]) + prefixed(platform+"/", files)
	}
	return plainImage{files, config}, nil
}

func prefixed(prefix, lines string) string {
	if lines == "" {
		return ""
	}
	return prefix + strings.ReplaceAll(lines, "\n", "\n"+prefix)
}

// list writes a tar as lines: paths, modes, owners, links and contents.
func list(r io.Reader) (string, error) {
	tree := map[string]string{}
	err := addEntries(tree, r)
	_, derr := io.Copy(io.Discard, r)
	return sorted(tree), errors.Join(err, derr)
}

func sorted(tree map[string]string) string {
	var lines []string
	for name, entry := range tree {
		if name != "" && name != "." {
			lines = append(lines, name+" "+entry)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// addEntries lays a layer over a tree (OCI image specification, "Image Layer Filesystem Changeset").
func addEntries(tree map[string]string, r io.Reader) error {
	archive := tar.NewReader(r)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := strings.Trim(path.Clean(header.Name), "/")
		if hidden, whiteout := strings.CutPrefix(path.Base(name), ".wh."); whiteout {
			gone := path.Join(path.Dir(name), hidden)
			opaque := hidden == ".wh..opq"
			maps.DeleteFunc(tree, func(name, _ string) bool {
				return !opaque && (name == gone || strings.HasPrefix(name, gone+"/")) || opaque && strings.HasPrefix(name, path.Dir(gone)+"/")
			})
			continue
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, archive); err != nil {
			return err
		}
		tree[name] = fmt.Sprintf("%c %o %d:%d %s %x",
			header.Typeflag, header.Mode&0o7777, header.Uid, header.Gid, linkname(name, header), hash.Sum(nil)[:8])
	}
}

// linkname returns the target of a link. For several platforms BuildKit's tar has each below a directory of its own, into which it leads
// absolute and hard links, whose paths it cleans (fsutil, SubDirFS).
func linkname(name string, header *tar.Header) string {
	platform, _, _ := strings.Cut(name, "/")
	target := header.Linkname
	if path.IsAbs(target) {
		target = path.Clean(target)
	}
	if !strings.HasPrefix(platform, "linux_") {
		return target
	}
	if rest, below := strings.CutPrefix(target, "/"+platform); below && header.Typeflag == tar.TypeSymlink && (rest == "" || rest[0] == '/') {
		return path.Clean("/" + rest)
	}
	if header.Typeflag == tar.TypeLink {
		return strings.TrimPrefix(target, platform+"/")
	}
	return target
}
