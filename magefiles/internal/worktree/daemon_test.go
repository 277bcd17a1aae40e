package worktree_test

import (
	"archive/tar"
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

var daemon buildkitd.Daemon

func TestMain(m *testing.M) { os.Exit(daemon.Run(m)) }

// build has the daemon build a Dockerfile from a directory and returns the image's files.
func (c clone) build(tree *worktree.Tree, dir string) ([]worktree.Entry, *worktree.Server, error) {
	c.t.Helper()
	server := tree.Server(map[string]string{worktree.AnyName: dir})
	var image bytes.Buffer
	_, err := daemon.Connection(c.t).Client.Solve(c.t.Context(), nil, client.SolveOpt{
		Frontend:  "dockerfile.v0",
		Session:   []session.Attachable{server},
		SharedKey: c.root,
		Exports: []client.ExportEntry{{
			Type:   client.ExporterTar,
			Output: func(map[string]string) (io.WriteCloser, error) { return nopCloser{&image}, nil },
		}},
	}, nil)
	if err != nil {
		return nil, server, err
	}
	return c.unpack(&image), server, nil
}

type nopCloser struct{ io.Writer }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }

// unpack lists an archive in the form of a snapshot.
func (c clone) unpack(archive io.Reader) []worktree.Entry {
	c.t.Helper()
	var entries []worktree.Entry
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			c.t.Fatal(err)
		}
		e := worktree.Entry{Path: strings.Trim(path.Clean("/"+header.Name), "/"), Mode: header.FileInfo().Mode(), Link: header.Linkname}
		if header.Uid != 0 || header.Gid != 0 {
			c.t.Errorf("%s belongs to %d:%d", e.Path, header.Uid, header.Gid)
		}
		for key := range header.PAXRecords {
			if strings.HasPrefix(key, "SCHILY.xattr.") {
				c.t.Errorf("%s has %s", e.Path, key)
			}
		}
		if e.Mode.IsRegular() {
			hash := sha256.New()
			if _, err := io.Copy(hash, reader); err != nil {
				c.t.Fatal(err)
			}
			e.Digest = digest.NewDigestFromBytes(digest.SHA256, hash.Sum(nil))
		}
		if e.Path != "" {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b worktree.Entry) int { return cmp.Compare(a.Path, b.Path) })
	return entries
}

// context is the snapshot from which a build took its files, with the filter that the daemon asked through.
func (c clone) context(tree *worktree.Tree, dir string) (worktree.Filter, *worktree.Snapshot) {
	c.t.Helper()
	filters, snapshots := tree.Taken(dir)
	for i, f := range filters {
		if !slices.Contains(f.Follow, "Dockerfile") && !slices.Contains(f.Follow, ".dockerignore") {
			return f, snapshots[i]
		}
	}
	c.t.Fatalf("the context %s was never asked for: %+v", dir, filters)
	return worktree.Filter{}, nil
}

func list(entries []worktree.Entry) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%v %q %q %s\n", e.Mode, e.Path, e.Link, e.Digest)
	}
	return b.String()
}

const copyAll = "FROM scratch\nCOPY . /\n"

func TestImageHasWhatWasHashed(t *testing.T) {
	c := newClone(t)
	c.write("Dockerfile", copyAll)
	c.write("name with spaces/ü", "a")
	c.write(`back\slash`, "b")
	c.write("new\nline", "c")
	c.write("-[x]*?", "d")
	c.writeMode("private", "e", 0o600)
	c.writeMode("run.sh", "f", 0o700|fs.ModeSetuid)
	c.link("/absolute", "absolute")
	c.link("../../outside", "out")
	c.link("name with spaces", "in")
	relink(t, c.path("private"), c.path("hard"))
	pipe(t, c.path("pipe"))
	mkdir(t, c.path("empty"))
	chmod(t, c.path("name with spaces"), 0o2700)
	tree := c.open()
	got, _, err := c.build(tree, ".")
	if err != nil {
		t.Fatal(err)
	}
	_, want := c.context(tree, ".")
	if list(got) != list(want.Entries()) {
		t.Errorf("the image has\n%swant\n%s", list(got), list(want.Entries()))
	}
	if len(got) != 12 {
		t.Errorf("%d files in all:\n%s", len(got), list(got))
	}
}

// fsutil lists build/libs/app.jar under these patterns, and then opens it through others that leave it out.
func TestListedFileIsSentWithItsContent(t *testing.T) {
	c := newClone(t)
	c.write("Dockerfile", copyAll)
	c.write(".dockerignore", "*\n!build/libs\nbuild\n")
	c.write("build/libs/app.jar", "the jar")
	tree := c.open()
	got, _, err := c.build(tree, ".")
	if err != nil {
		t.Fatal(err)
	}
	_, want := c.context(tree, ".")
	if list(got) != list(want.Entries()) || !strings.Contains(list(got), "app.jar") {
		t.Errorf("the image has\n%swant\n%s", list(got), list(want.Entries()))
	}
}
