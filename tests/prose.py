# SPDX-License-Identifier: GPL-2.0
"""Paragraphs and sentences of a document: reStructuredText, Markdown, ABI, mdoc.

Headings, tables, literal blocks and directives are not prose.
"""
import os
import re

RULER = re.compile(r'([=~^-])\1\1+$')
TABLE = re.compile(r' *=+( +=+)+$')
END = re.compile(r'(?<=[.!?])["\')]*\s+')


def paragraphs_rst(text):
    """Line and text of each paragraph; no headings, tables, literal blocks."""
    lines = text.split('\n')
    at, block, indent, literal = 0, [], 0, None
    while at <= len(lines):
        line = lines[at].rstrip() if at < len(lines) else ''
        depth = len(line) - len(line.lstrip())
        start = re.match(r' *(?:[-*] +|:\w+: +|\d+\. +)', line)
        title = at + 1 < len(lines) and RULER.match(lines[at + 1]) and line
        ends = not line or start or depth != indent or title or RULER.match(line)
        if block and (ends or TABLE.match(line)):
            yield block[0][0], ' '.join(l for _, l in block)
            literal = indent if block[-1][1].endswith('::') else None
            block = []
        if line and literal is not None:
            if depth > literal:
                at += 1
                continue
            literal = None
        if TABLE.match(line):
            # its last ruler has a blank line behind it
            while at + 1 < len(lines) and (not TABLE.match(lines[at]) or lines[at + 1].strip()):
                at += 1
        elif line.lstrip().startswith('.. '):
            pass
        elif line and not title and not RULER.match(line):
            if not block:
                field = start and start.group().lstrip().startswith(':')
                indent = depth + 2 if field else len(start.group()) if start else depth
            block.append((at + 1, line[len(start.group()):] if start else line.strip()))
        at += 1


def paragraphs_md(text):
    fence, block = False, []
    for at, line in enumerate(text.split('\n') + [''], 1):
        fence ^= line.startswith('```')
        skip = fence or not line.strip() or line.startswith(('    ', '#', '```', '!', '|'))
        if block and (skip or line.startswith('- ')):
            yield block[0][0], ' '.join(l for _, l in block)
            block = []
        if not skip:
            block.append((at, re.sub(r'\]\([^)]*\)', ']', line.removeprefix('- ').strip())))


def paragraphs_abi(text):
    for found in re.finditer(r'(?:^\t\t.+\n?)+', text, re.M):
        yield text.count('\n', 0, found.start()) + 1, ' '.join(found.group().split())


def paragraphs_man(text):
    breaks = ('It', 'Pp', 'Bl', 'El', 'Sh', 'Ss', 'Bd', 'Ed', 'Dd', 'Dt', 'Os', 'Nd')
    block, first, literal = [], 0, False
    for at, line in enumerate(text.split('\n') + ['.Pp'], 1):
        macro = re.match(r'\.(\w\w|\\") ?', line)
        literal = line.startswith('.Bd') or literal and not line.startswith('.Ed')
        if literal or macro and macro.group(1) in breaks + ('\\"',):
            if block:
                yield first, ' '.join(block)
            block = []
        elif line:
            first = first if block else at
            block.append(re.sub(r' ([.,;:])$', r'\1', line[macro.end():] if macro else line))


def paragraphs(doc, text):
    """Line and text of each paragraph of a document, by its name."""
    kind = {'.rst': paragraphs_rst, '.md': paragraphs_md, '.8': paragraphs_man}
    make = kind.get(os.path.splitext(doc)[1], paragraphs_abi if '/ABI/' in doc else paragraphs_md)
    return make(text) if os.path.basename(doc) != 'MAINTAINERS' else ()


def sentences(doc, text):
    """Line of the paragraph, text and number of words of each sentence; a literal is a word."""
    for line, paragraph in paragraphs(doc, text):
        for sentence in END.split(re.sub(r'``[^`]*``', '``x``', paragraph)):
            yield line, sentence, sum(bool(re.search(r'\w', w)) for w in sentence.split())
