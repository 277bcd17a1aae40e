package procgroup

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// generalVariables may be read by any program: places of programs and files, the user, the way to the network.
var generalVariables = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TERM", "TMPDIR", "TMP", "TEMP", "XDG_*",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
	// Windows
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME", "HOMEDRIVE", "HOMEPATH", "APPDATA",
	"LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "NUMBER_OF_PROCESSORS", "PROCESSOR_*",
}

// programVariables are the other variables that a program reads. None is a password; a token in GOPROXY's address is the module proxy's.
var programVariables = map[string][]string{
	"git": {
		"SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_ASKPASS",
		"GNUPGHOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_ATTR_NOSYSTEM",
	},
	"docker":  {"SSH_AUTH_SOCK", "DOCKER_*", "BUILDX_*"},
	"podman":  {"SSH_AUTH_SOCK", "DOCKER_CONFIG", "CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINER_SSHKEY", "CONTAINERS_*"},
	"apt-get": {"APT_CONFIG"},
	"go": {
		"SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "NETRC", "GOPATH", "GOROOT", "GOBIN", "GOCACHE", "GOMODCACHE",
		"GOTMPDIR", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE", "GOVCS", "GOAUTH", "GOTOOLCHAIN",
		"GOENV", "GOFLAGS",
		"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG", "GOFIPS140",
	},
}

// Environ returns this process's variables that a program, by name or path, may have, in the form of os.Environ.
func Environ(program string) []string {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(program)), ".exe")
	//nolint:forbidigo // what a child may have of it is this package's question
	return Select(os.Environ(), slices.Concat(generalVariables, programVariables[name])...)
}

// Scratch returns the environment of a program that shall find nothing of what the user keeps: what any program may read,
// with the home directory and what else holds configuration in dir, and the variables of environ that names lists.
func Scratch(environ []string, dir string, names ...string) []string {
	home := []string{"HOME", "XDG_*", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA"}
	inHome := func(name string) bool { return slices.Contains(home, name) }
	kept := Select(environ, slices.DeleteFunc(slices.Clone(generalVariables), inHome)...)
	kept = append(kept, "HOME="+dir, "USERPROFILE="+dir, "APPDATA="+dir, "LOCALAPPDATA="+dir)
	return append(kept, Select(environ, names...)...)
}

// Select returns those of the variables whose names are in the list, whatever their case; a name may end with * for all
// that begin so.
func Select(environ []string, names ...string) []string {
	patterns := make([]string, len(names))
	for i, name := range names {
		patterns[i] = strings.ToUpper(name)
	}
	var selected []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		name = strings.ToUpper(name)
		if slices.ContainsFunc(patterns, func(pattern string) bool { return matchesName(name, pattern) }) {
			selected = append(selected, pair)
		}
	}
	return selected
}

func matchesName(name, pattern string) bool {
	if start, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(name, start)
	}
	return name == pattern
}
