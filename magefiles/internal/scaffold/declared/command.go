package declared

import (
	"path"
	"slices"
	"strings"
)

// commandBuilds finds the lines of a shell script that build an image, in a directory; Line counts from 1.
func commandBuilds(script, directory string, values map[string]string) (builds []Build) {
	assigned := with(values, nil)
	for _, line := range logicalLines(script) {
		for _, words := range commands(line.text) {
			for i, word := range words {
				words[i] = expand(word, assigned)
			}
			if len(words) == 2 && words[0] == "cd" || len(words) > 2 && words[0] == "cd" {
				if to, ok := within(directory, words[1]); ok {
					directory = to
				} else {
					directory = unresolved
				}
				continue
			}
			noteAssignments(assigned, words)
			if b, ok := commandBuild(words, directory); ok && len(builds) < maxBuilds {
				b.Line = line.number
				builds = append(builds, b)
			}
		}
	}
	return builds
}

func noteAssignments(values map[string]string, words []string) {
	for _, word := range words {
		name, value, found := strings.Cut(word, "=")
		if !found || strings.ContainsAny(name, "-/ .") {
			if word == "export" || word == "local" || word == "readonly" {
				continue
			}
			return
		}
		if strings.Contains(value, unresolved) {
			value = unresolved
		}
		values[name] = value
	}
}

// programs are those that build images from Dockerfiles, with the words behind them.
var programs = [][]string{
	{"docker", "buildx", "build"},
	{"docker", "image", "build"},
	{"docker", "builder", "build"},
	{"docker", "build"},
	{"podman", "build"},
	{"podman", "buildx", "build"},
	{"nerdctl", "build"},
	{"buildah", "bud"},
	{"buildah", "build"},
	{"buildah", "build-using-dockerfile"},
}

// prefixes are the words that stand before a command.
var prefixes = []string{"sudo", "-E", "exec", "time", "env", "retry", "then", "do", "if", "!"}

// commandBuild reads one command.
func commandBuild(words []string, directory string) (Build, bool) {
	for start := range words {
		for _, program := range programs {
			end := start + len(program)
			if end < len(words) && path.Base(words[start]) == program[0] && slices.Equal(words[start+1:end], program[1:]) {
				return dockerBuild(words[end:], directory)
			}
		}
		if path.Base(words[start]) == "executor" && strings.Contains(words[start], "kaniko") {
			return dockerBuild(words[start+1:], directory)
		}
		if !strings.Contains(words[start], "=") && !slices.Contains(prefixes, words[start]) {
			break
		}
	}
	return Build{}, false
}

// flagsAlone take no value.
var flagsAlone = []string{
	"--push", "--load", "--no-cache", "--pull", "--quiet", "-q", "--rm", "--force-rm", "--squash", "--debug", "-D", "--check", "--compress",
	"--insecure", "--skip-tls-verify", "--single-snapshot", "--cleanup", "--no-push", "--reproducible",
}

// buildFlags holds the flags of a build's command line.
type buildFlags struct {
	context, file, target, directory string
	args                             map[string]*string
	pushes                           bool
}

// dockerBuild reads the flags of `docker build` and of kaniko.
func dockerBuild(words []string, directory string) (Build, bool) {
	b, flags := Build{Kind: Script}, buildFlags{directory: directory, args: map[string]*string{}}
	for i := 0; i < len(words); i++ {
		flag, value, joined := strings.Cut(words[i], "=")
		short := len(flag) > 2 && flag[1] != '-' && (strings.HasPrefix(flag, "-t") || strings.HasPrefix(flag, "-f"))
		switch {
		case !strings.HasPrefix(words[i], "-"):
			if flags.context == "" && !strings.ContainsAny(words[i], ">$") {
				flags.context = words[i]
			}
			continue
		case slices.Contains(flagsAlone, flag):
			flags.pushes = flags.pushes || flag == "--push"
			continue
		case short:
			flag, value = words[i][:2], words[i][2:]
		case !joined && i+1 < len(words):
			i++
			value = words[i]
		}
		flags.set(&b, flag, value)
	}
	b.Target, b.Pushes = flags.target, flags.pushes
	b.setArguments(flags.args, nil)
	return b.placeCommand(directory, flags.context, flags.file)
}

// set takes a flag with its value.
func (f *buildFlags) set(b *Build, flag, value string) {
	name, given, found := strings.Cut(value, "=")
	switch flag {
	case "-f", "--file", "--dockerfile":
		f.file = value
	case "-t", "--tag", "--destination":
		b.addImage(value)
	case "--target":
		f.target = value
	case "--context":
		f.context = strings.TrimPrefix(value, "dir://")
	case "--build-arg":
		if f.args[name] = nil; found {
			f.args[name] = &given
		}
	case "--build-context":
		if found {
			b.setContexts(f.directory, map[string]*string{name: &given}, nil)
		}
	}
}

// placeCommand sets context and Dockerfile of a command, both relative to the directory that it runs in.
func (b Build) placeCommand(directory, context, file string) (Build, bool) {
	context, file = strings.TrimPrefix(context, "/workspace/"), strings.TrimPrefix(file, "/workspace/")
	if context == "" || context == "-" || strings.Contains(directory+b.Target, unresolved) {
		return b, false
	}
	var ok bool
	if b.Context, ok = within(directory, context); !ok {
		return b, false
	}
	if file == "" {
		b.Dockerfile, ok = within(b.Context, "Dockerfile")
		return b, ok
	}
	b.Dockerfile, ok = within(directory, file)
	return b, ok
}
