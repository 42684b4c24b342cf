package alipay

import (
	"encoding/json"
	"errors"
	"fmt"
)

// maxDepth bounds the nesting of an answer; known answers have five levels.
const maxDepth = 32

var (
	errJSON      = errors.New("not valid JSON")
	errTruncated = fmt.Errorf("%w: it ends too early", errJSON)
)

// cutter walks JSON text and finds where values begin and end. encoding/json
// cannot be used for the envelope: it matches keys without regard to case and
// lets the last of two win, so that a second, unsigned response could be read
// in place of the signed one.
type cutter struct {
	text []byte
	at   int
}

func (c *cutter) space() {
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return
		}
	}
}

// next skips white space and returns the byte there, 0 at the end.
func (c *cutter) next() byte {
	c.space()
	if c.at == len(c.text) {
		return 0
	}
	return c.text[c.at]
}

func (c *cutter) expect(b byte) error {
	switch c.next() {
	case b:
		c.at++
		return nil
	case 0:
		return c.end()
	}
	return fmt.Errorf("%w: byte %d is not %q", errJSON, c.at, b)
}

// end tells a text that stops early from one with a stray zero byte.
func (c *cutter) end() error {
	if c.at >= len(c.text) {
		return errTruncated
	}
	return fmt.Errorf("%w: byte %d", errJSON, c.at)
}

// value skips one value and returns its exact bytes.
func (c *cutter) value(depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: nested deeper than %d", errJSON, maxDepth)
	}
	first := c.next()
	start := c.at
	var err error
	switch {
	case first == '{':
		err = c.object(depth, func(_, _ []byte) error { return nil })
	case first == '[':
		err = c.array(depth)
	case first == '"':
		err = c.str()
	case first == 't':
		err = c.literal("true")
	case first == 'f':
		err = c.literal("false")
	case first == 'n':
		err = c.literal("null")
	case first == '-' || first >= '0' && first <= '9':
		err = c.number()
	default:
		err = c.end()
	}
	return c.text[start:c.at], err
}

// object skips an object and shows each member's key, with its quotes, and the
// exact bytes of its value.
func (c *cutter) object(depth int, member func(key, value []byte) error) error {
	if err := c.expect('{'); err != nil {
		return err
	}
	if c.next() == '}' {
		c.at++
		return nil
	}
	for {
		c.space()
		start := c.at
		if err := c.str(); err != nil {
			return err
		}
		key := c.text[start:c.at]
		if err := c.expect(':'); err != nil {
			return err
		}
		value, err := c.value(depth + 1)
		if err != nil {
			return err
		}
		if err := member(key, value); err != nil {
			return err
		}
		if c.next() == ',' {
			c.at++
			continue
		}
		return c.expect('}')
	}
}

func (c *cutter) array(depth int) error {
	c.at++ // the caller saw the bracket
	if c.next() == ']' {
		c.at++
		return nil
	}
	for {
		if _, err := c.value(depth + 1); err != nil {
			return err
		}
		if c.next() == ',' {
			c.at++
			continue
		}
		return c.expect(']')
	}
}

func (c *cutter) str() error {
	if c.at == len(c.text) || c.text[c.at] != '"' {
		return c.end()
	}
	c.at++
	for c.at < len(c.text) {
		switch b := c.text[c.at]; {
		case b == '"':
			c.at++
			return nil
		case b < 0x20:
			return fmt.Errorf("%w: control character in a string at byte %d", errJSON, c.at)
		case b == '\\':
			if err := c.escape(); err != nil {
				return err
			}
		default:
			c.at++
		}
	}
	return errTruncated
}

func (c *cutter) escape() error {
	c.at++
	if c.at == len(c.text) {
		return errTruncated
	}
	switch c.text[c.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		c.at++
		return nil
	case 'u':
		c.at++
		for range 4 {
			if c.at == len(c.text) {
				return errTruncated
			}
			if !isHex(c.text[c.at]) {
				return fmt.Errorf("%w: byte %d is not a hex digit", errJSON, c.at)
			}
			c.at++
		}
		return nil
	}
	return fmt.Errorf("%w: unknown escape at byte %d", errJSON, c.at)
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func (c *cutter) literal(word string) error {
	for i := range len(word) {
		if c.at == len(c.text) {
			return errTruncated
		}
		if c.text[c.at] != word[i] {
			return c.end()
		}
		c.at++
	}
	return nil
}

func (c *cutter) digits() int {
	start := c.at
	for c.at < len(c.text) && c.text[c.at] >= '0' && c.text[c.at] <= '9' {
		c.at++
	}
	return c.at - start
}

func (c *cutter) peek() byte {
	if c.at == len(c.text) {
		return 0
	}
	return c.text[c.at]
}

func (c *cutter) number() error {
	if c.peek() == '-' {
		c.at++
	}
	if c.peek() == '0' {
		c.at++
	} else if c.digits() == 0 {
		return c.end()
	}
	if c.peek() == '.' {
		c.at++
		if c.digits() == 0 {
			return c.end()
		}
	}
	if b := c.peek(); b == 'e' || b == 'E' {
		c.at++
		if b := c.peek(); b == '+' || b == '-' {
			c.at++
		}
		if c.digits() == 0 {
			return c.end()
		}
	}
	return nil
}

// unquote decodes a string that the cutter has walked over.
func unquote(quoted []byte) (string, error) {
	inner := quoted[1 : len(quoted)-1]
	plain := true
	for _, b := range inner {
		if b == '\\' || b >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", fmt.Errorf("%w: %w", errJSON, err)
	}
	return s, nil
}
