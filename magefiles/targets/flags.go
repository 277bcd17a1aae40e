package targets

import (
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// flags reads those that most targets have.
func flags(env, only *string, json, v, vv *bool) cli.Flags {
	return cli.Flags{Environment: value(env), Only: component.Names(list(only)), JSON: value(json), Verbosity: verbosity(v, vv)}
}

// waiting reads the flags of targets that wait for Argo CD.
func waiting(noWait *bool, timeout *time.Duration) rollout.WaitOptions {
	return rollout.WaitOptions{NoWait: value(noWait), Timeout: value(timeout)}
}

// value reads a flag that may not have been given.
func value[T any](flag *T) T {
	if flag == nil {
		var zero T
		return zero
	}
	return *flag
}

// list splits a flag at commas. What is given and names nothing stays as it is, for the reader to refuse: it is no way to say all.
func list(flag *string) []string {
	text := value(flag)
	names := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	if len(names) == 0 && text != "" {
		return []string{text}
	}
	return names
}

// words splits a flag at white space; nil where it was not given, which an empty one is not.
func words(flag *string) []string {
	if flag == nil {
		return nil
	}
	return append([]string{}, strings.Fields(*flag)...)
}

// verbosity is cli.Flags.Verbosity.
func verbosity(v, vv *bool) int {
	switch {
	case value(vv):
		return 2
	case value(v):
		return 1
	}
	return 0
}
