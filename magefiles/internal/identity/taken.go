package identity

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
)

// takenPaths are the paths that a graph takes of its sources, by the source's digest in the definition; nil where it takes, or may
// take, everything. BuildKit sends a whole context as soon as a step has a tmpfs mount: without this, a file that nothing
// copies would make another image of it.
func takenPaths(raw map[digest.Digest]*pb.Op) map[digest.Digest][]string {
	paths, whole := map[digest.Digest][]string{}, map[digest.Digest]bool{}
	for _, op := range raw {
		used := selectedPaths(op)
		for i, input := range op.Inputs {
			id := digest.Digest(input.Digest)
			if used[i] == nil || slices.ContainsFunc(used[i], namesMany) {
				whole[id] = true
			}
			paths[id] = append(paths[id], used[i]...)
		}
	}
	for id := range whole {
		delete(paths, id)
	}
	for id := range paths {
		slices.Sort(paths[id])
		paths[id] = slices.Compact(paths[id])
	}
	return paths
}

// selectedPaths are the paths that an operation takes of each of its inputs; nil: everything.
func selectedPaths(op *pb.Op) [][]string {
	used := make([][]string, len(op.Inputs))
	add := func(input int64, name string) {
		if input >= 0 && int(input) < len(used) {
			used[input] = append(used[input], strings.TrimPrefix(path.Clean("/"+name), "/"))
		}
	}
	switch kind := op.Op.(type) {
	case *pb.Op_Exec:
		for _, mount := range kind.Exec.Mounts {
			add(mount.Input, mount.Selector)
		}
	case *pb.Op_File:
		for _, action := range kind.File.Actions {
			add(action.Input, "")
			if copied := action.GetCopy(); copied != nil {
				add(action.SecondaryInput, copied.Src)
			} else {
				add(action.SecondaryInput, "")
			}
		}
	}
	return used
}

// namesMany reports whether a path of COPY is the whole input, or a pattern.
func namesMany(name string) bool { return name == "" || strings.ContainsAny(name, `*?[\`) }
