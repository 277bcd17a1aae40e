package vars

import "strings"

// hostMark stands in a variable's name for the host that it is for.
const hostMark = "<HOST>"

// prefix returns the prefix of a variable's name that is for one host; empty for the others.
func (n Name) prefix() string {
	prefix, ok := strings.CutSuffix(string(n), hostMark)
	if !ok {
		return ""
	}
	return prefix
}

// ByHost returns the values of a variable that there is one of for each host, by what stands in its name for the host.
func (v Vars) ByHost(name Name) map[string]string {
	values := map[string]string{}
	for variable, value := range v.values {
		if end, ok := strings.CutPrefix(variable, name.prefix()); ok && name.prefix() != "" && end != hostMark {
			values[end] = value
		}
	}
	return values
}

// isHostToken finds the variables with a registry's password.
func isHostToken(name string) bool { return strings.HasPrefix(name, HostToken.prefix()) }
