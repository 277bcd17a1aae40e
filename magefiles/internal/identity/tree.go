package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// keyVersion names the canonical form. A change of it rebuilds every image.
const keyVersion = "key 1"

// Tree is all that an image is made of, in the canonical form: what its key is a digest of, and what tells why two keys
// differ.
type Tree struct {
	Version   string              `json:"version"`          // of the canonical form and of Options
	Output    map[string]string   `json:"output,omitempty"` // what the exporter adds, by option
	Platforms map[string]Platform `json:"platforms"`        // by os/arch[/variant]
}

// Platform is the image for one platform.
type Platform struct {
	Ops    []Op            `json:"ops,omitempty"`    // in order; the last one is the root, none is an image without files
	Config json.RawMessage `json:"config,omitempty"` // without times
}

// Kind is the kind of an operation.
type Kind string

// The kinds.
const (
	KindFiles  Kind = "files"  // of a build context
	KindImage  Kind = "image"  // of a registry
	KindRemote Kind = "remote" // an address or a git repository
	KindExec   Kind = "exec"   // RUN
	KindFile   Kind = "file"   // COPY, ADD, WORKDIR, heredocs
	KindMerge  Kind = "merge"  // COPY --link
	KindDiff   Kind = "diff"
	KindEnd    Kind = "end" // of the graph
)

// Op is one operation of a build graph.
type Op struct {
	Digest digest.Digest     `json:"digest"` // of it and of all below it
	Self   digest.Digest     `json:"self"`   // of it alone
	Kind   Kind              `json:"kind"`
	Name   string            `json:"name,omitempty"`   // as in the build's progress; not counted
	Source string            `json:"source,omitempty"` // name of an image or an address; not counted where its content is
	Inputs []int             `json:"inputs,omitempty"` // indexes of the operations that it takes files of
	Takes  [][]string        `json:"takes,omitempty"`  // paths that it takes of each input; none: everything
	Env    map[string]string `json:"env,omitempty"`    // environment of a step
	Files  []File            `json:"files,omitempty"`  // of a build context

	snapshot *worktree.Snapshot // of Files, until they are asked for
}

// File is a file, directory or link of a build context.
type File struct {
	Path string `json:"path"`
	Sum  string `json:"sum"` // of its content, mode and target, shortened: it tells versions apart
}

// sumDigits is enough to tell the versions of one file apart.
const sumDigits = 12

// listFiles returns the files of a build context. They are listed where they are asked for, as keys do not need them.
func (o Op) listFiles() []File {
	if o.snapshot == nil {
		return o.Files
	}
	entries := o.snapshot.Entries()
	files := make([]File, len(entries))
	for i, entry := range entries {
		sum := sha256.Sum256(fmt.Appendf(nil, "%o %q %s", entry.Mode, entry.Link, entry.Digest))
		files[i] = File{Path: entry.Path, Sum: hex.EncodeToString(sum[:])[:sumDigits]}
	}
	return files
}

// Root is the digest of everything that the platform's files are made of.
func (p Platform) Root() digest.Digest {
	if len(p.Ops) == 0 {
		return ""
	}
	return p.Ops[len(p.Ops)-1].Digest
}

// Key returns the hexadecimal SHA-256 of what the image is made of. Trees of one image for different platforms can be
// merged: the key is that of all of them.
func (t Tree) Key() string {
	type platform struct {
		ID     string          `json:"id"`
		Root   digest.Digest   `json:"root"`
		Config json.RawMessage `json:"config"`
	}
	counted := struct {
		Version   string            `json:"version"`
		Output    map[string]string `json:"output,omitempty"`
		Platforms []platform        `json:"platforms"`
	}{Version: t.Version, Output: t.Output}
	for _, id := range slices.Sorted(maps.Keys(t.Platforms)) {
		p := t.Platforms[id]
		counted.Platforms = append(counted.Platforms, platform{id, p.Root(), p.Config})
	}
	data, err := json.Marshal(counted)
	if err != nil || len(counted.Platforms) == 0 {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Merge returns the tree of one image whose platforms were built apart.
func Merge(trees ...Tree) Tree {
	merged := Tree{Platforms: map[string]Platform{}}
	for _, t := range trees {
		merged.Version, merged.Output = t.Version, t.Output
		maps.Copy(merged.Platforms, t.Platforms)
	}
	return merged
}

// Covers reports whether the tree has the same for each platform of a part.
func (t Tree) Covers(part Tree) bool {
	for id, p := range part.Platforms {
		own, built := t.Platforms[id]
		if !built || own.Root() != p.Root() || string(own.Config) != string(p.Config) {
			return false
		}
	}
	return len(part.Platforms) > 0 && t.Version == part.Version && maps.Equal(t.Output, part.Output)
}

// canonicalTree brings the frontend's answer for an image into the canonical form.
func (o Options) canonicalTree(ctx context.Context, image plan.Image, result *Result, c canonicalForm) (Tree, error) {
	t := Tree{Version: keyVersion + " " + o.Version, Output: exporterAttrs(image), Platforms: map[string]Platform{}}
	platforms, err := exptypes.ParsePlatforms(result.Metadata)
	if err != nil {
		return Tree{}, fmt.Errorf("reading what BuildKit makes of the Dockerfile: %w", err)
	}
	for _, p := range platforms.Platforms {
		ref := result.Ref
		if len(result.Refs) > 0 {
			ref = result.Refs[p.ID]
		}
		var entry Platform
		if entry.Config, err = withoutTimes(exptypes.ParseKey(result.Metadata, exptypes.ExporterImageConfigKey, &p)); err != nil {
			return Tree{}, err
		}
		graph, err := marshalDefinition(ctx, ref)
		if err != nil {
			return Tree{}, fmt.Errorf("reading what BuildKit makes of the Dockerfile: %w", err)
		}
		if graph != nil {
			if entry.Ops, err = c.canonicalOps(ctx, graph); err != nil {
				return Tree{}, err
			}
		}
		t.Platforms[p.ID] = entry
	}
	return t, nil
}

// withoutTimes is an image's configuration without the time at which it was made.
func withoutTimes(config []byte) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(config, &fields); err != nil {
		return nil, unknownKey("BuildKit gives no configuration for the image")
	}
	delete(fields, "created")
	return json.Marshal(fields)
}
