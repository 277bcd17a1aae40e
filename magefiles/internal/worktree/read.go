package worktree

import (
	"context"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// mostLinks is how many links a build follows on the way to one file (containerd/continuity, fs.RootPath).
const mostLinks = 255

// Read returns one file of a directory, through links as a build follows them: within the directory, which they cannot
// leave. What is not there is fs.ErrNotExist.
func (t *Tree) Read(ctx context.Context, dir, name string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	top, err := t.current().directory(t.absolute(dir), t.shared.sums)
	if err != nil {
		return nil, err
	}
	n := top.resolve(name)
	if n == nil || n.isDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	file, err := n.open()
	if err != nil {
		return nil, t.explain(t.absolute(dir), &fileError{path: name, err: err})
	}
	defer file.Close()
	return io.ReadAll(file)
}

// resolve finds what is at a path below, with links followed; nil where nothing is. `..` stops at the top.
func (n *node) resolve(name string) *node {
	steps := strings.Split(name, "/")
	way := []*node{n}
	for links := 0; len(steps) > 0; {
		step := steps[0]
		steps = steps[1:]
		switch step {
		case "", ".":
			continue
		case "..":
			way = way[:max(1, len(way)-1)]
			continue
		}
		next := way[len(way)-1].child(step)
		if next == nil {
			return nil
		}
		if next.stat.mode&fs.ModeSymlink == 0 {
			way = append(way, next)
			continue
		}
		if links++; links > mostLinks {
			return nil
		}
		if path.IsAbs(next.stat.link) {
			way = way[:1]
		}
		steps = slices.Concat(strings.Split(next.stat.link, "/"), steps)
	}
	return way[len(way)-1]
}
