// Package vars is the only one that reads the environment. Everything else takes values, so that what a command depends
// on is in one table, which `mage vars` prints.
package vars

import (
	"maps"
	"slices"
	"strings"
)

// Vars is the environment of one process, read once.
type Vars struct {
	values map[string]string
}

// Parse takes the environment in the form of os.Environ. The last of two equal names wins, as in a shell.
func Parse(environ []string) Vars {
	values := make(map[string]string, len(environ))
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			values[name] = value
		}
	}
	return Vars{values: values}
}

// Get returns a variable's value, empty when it is not set.
func (v Vars) Get(name Name) string { return v.values[string(name)] }

// InWorkflow reports whether this is a run of GitHub Actions.
func (v Vars) InWorkflow() bool { return v.Get(Actions) == "true" }

// Lookup returns any variable by name, for build secrets that astrago.yaml names.
func (v Vars) Lookup(name string) (string, bool) {
	value, ok := v.values[name]
	return value, ok
}

// Secrets returns the values that are secret: those of the secret variables, and each of the addresses in one of messages.
func (v Vars) Secrets() []string {
	var secrets []string
	for _, name := range slices.Sorted(maps.Keys(v.values)) {
		if v.values[name] != "" && isDeclared(name) {
			secrets = append(secrets, v.values[name])
		}
		if name == string(DeployAppKey) && strings.Contains(v.values[name], `\n`) { // kept in one line: its lines are secret each
			secrets = append(secrets, strings.ReplaceAll(v.values[name], `\n`, "\n"))
		}
		if isAddress(name) {
			secrets = append(secrets, strings.Fields(v.values[name])...)
		}
	}
	return append(secrets, v.secretHeaders()...)
}

// Suspects returns the values of variables whose names look like a secret's (TOKEN, PASSWORD, SECRET, KEY), because commands
// of prepare may use and print them. They may be anything, so that nothing but text for people may depend on them.
func (v Vars) Suspects() []string {
	var values []string
	for _, name := range slices.Sorted(maps.Keys(v.values)) {
		if v.values[name] != "" && !isDeclared(name) && looksSecret(name) {
			values = append(values, v.values[name])
		}
	}
	return values
}

// ForCommands returns the environment for what astrago.yaml and others wrote, the commands of `prepare` and the renderers of
// charts, in the form of os.Environ: everything but credentials and the runner's files, so that a build script of a dependency
// can neither take a token nor give later steps of the job a variable or a program (GITHUB_ENV, GITHUB_PATH).
func (v Vars) ForCommands() []string {
	pairs := make([]string, 0, len(v.values))
	for _, name := range slices.Sorted(maps.Keys(v.values)) {
		if !IsCredential(name) && !isRunnerFile(name) {
			pairs = append(pairs, name+"="+v.values[name])
		}
	}
	return pairs
}

// IsCredential reports whether a variable is one that only a release needs: no child process gets it, and none can read it
// from this one. GITHUB_TOKEN is one of them: in a workflow it has all rights of the job, such as to push images. So are
// those with which a job asks GitHub for its identity or its caches.
func IsCredential(name string) bool {
	tokens := []Name{RegistryToken, DeployToken, DeployAppKey, DeployReadToken, GitHubToken, ArgoCDToken, TracesHeaders}
	return isAddress(name) || isHostToken(name) || slices.Contains(tokens, Name(name)) ||
		slices.Contains([]string{"ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}, name)
}

// isRunnerFile finds the files by which a step gives commands to the runner of GitHub's workflows.
func isRunnerFile(name string) bool {
	return slices.Contains([]string{"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}, name)
}

func isDeclared(name string) bool {
	return isSecret(Name(name)) || IsCredential(name) && !isAddress(name)
}

// isAddress finds NotifyURLs and the variables that astrago.yaml may name in its place.
func isAddress(name string) bool {
	return name == string(NotifyURLs) || strings.HasPrefix(name, string(NotifyURLs)+"_")
}

func looksSecret(name string) bool {
	name = strings.ToUpper(name)
	for _, mark := range []string{"TOKEN", "PASSWORD", "PASSWD", "SECRET", "PRIVATE_KEY", "API_KEY", "ACCESS_KEY"} {
		if strings.Contains(name, mark) {
			return true
		}
	}
	return false
}
