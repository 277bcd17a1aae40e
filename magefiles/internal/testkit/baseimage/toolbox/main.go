// Command toolbox is all programs of the base image in one static binary: RUN steps of examples and tests need no
// distribution, and nothing is pulled for them. It acts on the name that it is called by, or on its first argument;
// as sh it runs the words after -c, with && between commands, '…' and "…" around words, and $NAME.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	args := append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...)
	if strings.HasPrefix(args[0], "toolbox") {
		args = args[1:]
	}
	os.Exit(run(args))
}

// run returns the exit code, as a shell does: 127 for an unknown command.
func run(args []string) int {
	if len(args) == 0 {
		return 0
	}
	if args[0] == "sh" {
		return shell(args[1:])
	}
	command, ok := commands()[args[0]]
	if !ok {
		fmt.Fprintf(os.Stderr, "sh: %s: not found\n", args[0])
		return 127
	}
	if args[0] == "exit" {
		code, _ := strconv.Atoi(strings.Join(args[1:], ""))
		return code
	}
	if err := command(args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", args[0], err)
		return 1
	}
	return 0
}

func commands() map[string]func([]string) error {
	return map[string]func([]string) error{
		"true":   func([]string) error { return nil },
		"exit":   func([]string) error { return nil }, // exit CODE
		"echo":   func(a []string) error { _, err := fmt.Println(strings.Join(a, " ")); return err },
		"warn":   func(a []string) error { _, err := fmt.Fprintln(os.Stderr, strings.Join(a, " ")); return err },
		"mkdir":  func(a []string) error { return each(a, func(p string) error { return os.MkdirAll(p, 0o755) }) },
		"rm":     func(a []string) error { return each(a, os.RemoveAll) },
		"cat":    func(a []string) error { return each(a, cat) },
		"copy":   copyFile,                                                // copy FILE NEW
		"write":  func(a []string) error { return write(os.O_TRUNC, a) },  // write FILE WORD...
		"append": func(a []string) error { return write(os.O_APPEND, a) }, // append FILE WORD...
		"sleep":  sleep,                                                   // sleep SECONDS
		"count":  count,                                                   // count N: prints N lines
		"agent":  agent,                                                   // agent: prints how many keys the SSH agent has
	}
}

func each(paths []string, do func(string) error) error {
	for _, p := range paths {
		if err := do(p); err != nil {
			return err
		}
	}
	return nil
}

func cat(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(os.Stdout, f)
	return err
}

func copyFile(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: copy FILE NEW")
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], data, 0o644)
}

func write(how int, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: write FILE WORD")
	}
	if err := os.MkdirAll(filepath.Dir(args[0]), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|how, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(strings.Join(args[1:], " ") + "\n"); err != nil {
		return err
	}
	return f.Close()
}

// agent speaks the SSH agent protocol (draft-miller-ssh-agent): SSH_AGENTC_REQUEST_IDENTITIES, answered by
// SSH_AGENT_IDENTITIES_ANSWER with the number of keys.
func agent([]string) error {
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "unix", os.Getenv("SSH_AUTH_SOCK"))
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{0, 0, 0, 1, 11}); err != nil {
		return err
	}
	var answer struct {
		Length uint32
		Type   byte
		Keys   uint32
	}
	if err := binary.Read(conn, binary.BigEndian, &answer); err != nil {
		return err
	}
	if answer.Type != 12 {
		return fmt.Errorf("the agent answers %d", answer.Type)
	}
	_, err = fmt.Println("agent with", answer.Keys, "keys")
	return err
}

func sleep(args []string) error {
	seconds, err := strconv.ParseFloat(strings.Join(args, ""), 64)
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	return err
}

func count(args []string) error {
	n, err := strconv.Atoi(strings.Join(args, ""))
	for i := range n {
		fmt.Printf("line %d\n", i+1)
	}
	return err
}

func shell(args []string) int {
	if len(args) < 2 || args[0] != "-c" {
		fmt.Fprintln(os.Stderr, "usage: sh -c COMMANDS")
		return 2
	}
	var command []string
	for _, word := range append(words(args[1]), "&&") {
		if word != "&&" {
			command = append(command, word)
			continue
		}
		if code := run(command); code != 0 {
			return code
		}
		command = nil
	}
	return 0
}

// words splits a command line at blanks outside quotes. A single-quoted word is taken as it is.
func words(line string) (all []string) {
	var word strings.Builder
	open := false
	for _, p := range append(splitQuoted(line), piece{quote: ' '}) {
		switch {
		case p.quote != ' ':
			word.WriteString(p.expand())
			open = true
		case open:
			all = append(all, word.String())
			word.Reset()
			open = false
		}
	}
	return all
}

// piece is a part of a line between changes of quoting; quote is a blank for the space between words, zero for bare text.
type piece struct {
	text  string
	quote rune
}

func (p piece) expand() string {
	if p.quote == '\'' {
		return p.text
	}
	return os.ExpandEnv(p.text)
}

func splitQuoted(line string) (pieces []piece) {
	for line != "" {
		switch c := line[0]; {
		case c == '\'' || c == '"':
			text, rest, _ := strings.Cut(line[1:], string(c))
			pieces, line = append(pieces, piece{text, rune(c)}), rest
		case strings.ContainsRune(" \t\n", rune(c)):
			pieces, line = append(pieces, piece{quote: ' '}), line[1:]
		default:
			n := strings.IndexAny(line, "'\" \t\n")
			if n < 0 {
				n = len(line)
			}
			pieces, line = append(pieces, piece{text: line[:n]}), line[n:]
		}
	}
	return pieces
}
