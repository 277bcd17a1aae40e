package worktree

import (
	"encoding/json"

	"github.com/tonistiigi/fsutil"
)

// Filter says which files of a directory a build asks for, as BuildKit's local sources have it.
type Filter struct {
	Include []string // patterns of what to take; none: all
	Exclude []string // patterns of .dockerignore
	Follow  []string // patterns of what to take together with what links in it lead to
}

func (f Filter) fsOptions() *fsutil.FilterOpt {
	return &fsutil.FilterOpt{IncludePatterns: f.Include, ExcludePatterns: f.Exclude, FollowPaths: f.Follow}
}

func (f Filter) cacheKey() string {
	key, _ := json.Marshal(f) // strings only
	return string(key)
}
