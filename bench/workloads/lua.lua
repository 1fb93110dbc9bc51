-- SPDX-License-Identifier: MIT
-- Calls, tables, strings and a method each: what scripts do.

local function fib(n)
  return n < 2 and n or fib(n - 1) + fib(n - 2)
end

local function sieve(n)
  local composite, count = {}, 0
  for i = 2, n do
    if not composite[i] then
      count = count + 1
      for j = i * i, n, i do
        composite[j] = true
      end
    end
  end
  return count
end

local function words(n)
  local counts, seed = {}, 1
  for i = 1, n do
    seed = (seed * 1103515245 + 12345) % 2147483648
    local word = string.format('w%d', seed % 5000)
    counts[word] = (counts[word] or 0) + 1
  end
  local names = {}
  for name in pairs(counts) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    return counts[a] > counts[b] or (counts[a] == counts[b] and a < b)
  end)
  return names[1]
end

local Point = {}
Point.__index = Point
function Point.new(x, y)
  return setmetatable({ x = x, y = y }, Point)
end
function Point:add(other)
  return Point.new(self.x + other.x, self.y + other.y)
end

local function points(n)
  local sum, step = Point.new(0, 0), Point.new(1, 2)
  for i = 1, n do
    sum = sum:add(step)
  end
  return sum.x + sum.y
end

local function text(n)
  local parts = {}
  for i = 1, n do
    parts[#parts + 1] = ('line %d of many'):format(i):upper():reverse()
  end
  local joined = table.concat(parts, '\n')
  return select(2, joined:gsub('%d+', ''))
end

print(fib(27), sieve(400000), words(160000), points(800000), text(60000))
